import { Eip } from "@cdktf/provider-aws/lib/eip";
import { expect, it } from "vitest";
import { skipChecks } from "../../../constructs/scanner-skip.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { exampleConfig, type Json, withStack } from "./fixture.ts";

/** What Terraform is told of an Elastic IP; under `//`, what it reads as a comment. */
function planned(edit: (eip: Eip) => void): Json {
  return withStack(planTopology(exampleConfig), (stack) => {
    const eip = new Eip(stack, "eip", { domain: "vpc" });
    eip.overrideLogicalId("eip");
    edit(eip);
    return (stack.toTerraform() as Json).resource.aws_eip.eip;
  });
}

it("what a resource tells a scanner is a comment to Terraform, beside cdktf's own", () => {
  const { "//": comment, ...properties } = planned((eip) =>
    skipChecks(eip, { CKV_1: "One reason.", CKV_2: "Another." }),
  );
  const { "//": plainComment, ...plainProperties } = planned(() => {});
  expect(properties).toEqual(plainProperties);
  expect(comment).toEqual({
    ...plainComment,
    checkov: {
      skip: [
        { id: "CKV_1", comment: "One reason." },
        { id: "CKV_2", comment: "Another." },
      ],
    },
  });
});

it("a resource with nothing to skip has no such comment", () => {
  expect(planned((eip) => skipChecks(eip, {}))).toEqual(planned(() => {}));
});
