import { describe, expect, it } from "vitest";
import type { PlannedResource } from "../../../../operate/plan/synthesized-plan.ts";
import { infrastructureHash } from "../../../../operate/plan/synthesized-plan.ts";
import { resource } from "../../lab/support.ts";

const hash = (...resources: PlannedResource[]) => infrastructureHash({ folder: "/anywhere", resources });
const vpc = resource("aws_vpc", "main", { cidr_block: "10.80.0.0/16" });
const pointer = (content: string) => resource("aws_s3_object", "pointer", { content });

describe("the hash of the infrastructure", () => {
  it("is the same whatever the objects in the buckets say", () => {
    expect(hash(vpc, pointer("one"))).toBe(hash(vpc, pointer("two")));
  });

  it("is the same with more objects, or none", () => {
    expect(hash(vpc, pointer("one"))).toBe(hash(vpc));
  });

  it("is another one when a property of a resource changes", () => {
    expect(hash(vpc)).not.toBe(hash(resource("aws_vpc", "main", { cidr_block: "10.90.0.0/16" })));
  });

  it("is another one when a resource is added", () => {
    expect(hash(vpc)).not.toBe(hash(vpc, resource("aws_subnet", "one")));
  });

  it("is another one when a resource has another name", () => {
    expect(hash(vpc)).not.toBe(hash(resource("aws_vpc", "other", vpc.properties)));
  });

  it("does not depend on where the plan is", () => {
    expect(infrastructureHash({ folder: "/here", resources: [vpc] })).toBe(
      infrastructureHash({ folder: "/there", resources: [vpc] }),
    );
  });
});
