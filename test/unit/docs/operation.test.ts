import { describe, expect, it } from "vitest";
import { plan } from "../stack/fixture.ts";
import { doc } from "./support.ts";

const { text } = doc("docs/operation.md");
const found = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1] as string))];

describe("the steps for operators", () => {
  it("name resources of the plan as Terraform does", () => {
    const { json } = plan();
    const planned = Object.entries(json.resource as Record<string, object>).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `${type}.${name}`),
    );
    expect(planned).toEqual(expect.arrayContaining(found(/\b(aws_\w+\.[\w-]+)/g)));
  });

  it("take everything of both buckets out of the state, and nothing else", () => {
    const [pattern] = found(/grep -E '([^']+)'/g);
    const { json } = plan();
    const taken = Object.entries(json.resource as Record<string, object>).flatMap(([type, named]) =>
      Object.keys(named)
        .filter((name) => new RegExp(pattern as string).test(`${type}.${name}`))
        .map(() => type),
    );
    expect(new Set(taken.map((type) => type.startsWith("aws_s3_bucket")))).toEqual(new Set([true]));
    const all = Object.entries(json.resource as Record<string, object>).filter(([type]) =>
      type.startsWith("aws_s3_bucket"),
    );
    expect(taken).toHaveLength(all.reduce((sum, [, named]) => sum + Object.keys(named).length, 0));
  });
});
