import { describe, expect, it } from "vitest";
import { configWith, type Json, plan, resources } from "./fixture.ts";

const without = plan();
const withBuilder = plan(configWith({ builder: { enabled: true } }));
const all = ({ json }: Json): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(json.resource).flatMap(([type, byName]) =>
      Object.entries(byName as object).map(([name, resource]) => [`${type}.${name}`, resource]),
    ),
  );

/** What is stored after what does not matter to what is there. */
const withoutOrder = (resources: Record<string, Json>) =>
  Object.fromEntries(Object.entries(resources).map(([name, { depends_on: _, ...resource }]) => [name, resource]));

describe("a builder", () => {
  it("is there only when the config wants one", () => {
    expect(without.text).not.toContain("builder");
    expect(Object.keys(resources(withBuilder, "aws_instance"))).toContain("builder");
  });

  it("changes nothing about the rest of the cluster but what the S3 endpoint lets through", () => {
    const { aws_security_group: _, ...types } = withBuilder.json.resource;
    expect(Object.keys(types)).toEqual(
      expect.arrayContaining(Object.keys(without.json.resource).filter((type) => type !== "aws_security_group")),
    );
    const rest = Object.entries(withoutOrder(all(without))).map(([address, resource]) => {
      const { policy: _, ...others } = resource;
      return [address, resource.tags?.Name === "registry-s3" ? others : resource];
    });
    expect(all(withBuilder)).toMatchObject(Object.fromEntries(rest));
  });

  it("has its way of logging in among the outputs, as every node has", () => {
    const outputs = withBuilder.json.output as Record<string, { value: Record<string, string> }>;
    expect(Object.keys(outputs.ssh!.value)).toEqual(Object.keys(outputs.private_addresses!.value));
    expect(outputs.ssh!.value.builder).toMatch(/^ssh -J admin@\S+ admin@10\.80\.143\.252$/);
  });

  it("is in a private subnet, at an address that no registry can get, with the registries' AMI", () => {
    expect(resources(withBuilder, "aws_instance").builder).toMatchObject({
      private_ip: "10.80.143.252",
      instance_type: "t3.small",
      ami: resources(withBuilder, "aws_instance")["registry-1"].ami,
    });
  });
});
