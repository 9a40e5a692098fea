import { describe, expect, it } from "vitest";
import { plan } from "../stacks/fixture.ts";
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
});
