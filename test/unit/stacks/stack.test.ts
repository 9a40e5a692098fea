// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { KeyPair } from "@cdktf/provider-aws/lib/key-pair";
import { describe, expect, it } from "vitest";
import { configWith, exampleConfig, plan, resources } from "./fixture.ts";

const example = plan();

it("the plan of the example cluster", () => {
  expect(example.json).toMatchSnapshot();
});

describe("the plan", () => {
  it("is the same every time", () => {
    expect(plan().text).toBe(example.text);
  });

  it.each(["bastion", "nat-gateway", "none"] as const)("holds no unresolved token with egress %s", (egress) => {
    expect(plan(configWith({ network: { egress } })).text).not.toMatch(/TfToken\[/i);
  });

  it("accepts every AWS provider of the major version that the bindings were made for", () => {
    expect(example.json.terraform.required_providers.aws).toMatchObject({ version: "~> 6.40" });
  });

  it("tags everything with the cluster and the config's tags, as they were written", () => {
    const tagged = plan(configWith({ tags: { owner: "${team}" } }));
    expect(tagged.json.provider.aws).toEqual([
      { region: "eu-west-1", default_tags: [{ tags: { owner: "$${team}", Cluster: "registry" } }] },
    ]);
  });

  it("gives the operator's public key to every instance", () => {
    expect(example.text).toHaveResourceWithProperties(KeyPair, {
      key_name: "registry",
      public_key: exampleConfig.access.sshPublicKey,
    });
  });

  it("tells the operator where things are and how to get in", () => {
    const values = Object.entries<{ value: unknown }>(example.json.output).map(([name, { value }]) => [name, value]);
    const bastion = "${aws_eip.bastion_address.public_ip}";
    expect(Object.fromEntries(values)).toEqual({
      service_address: "${aws_eip.service_address.public_ip}",
      registry_url: "https://registry.example.internal",
      bastion_address: bastion,
      ssh: {
        bastion: `ssh admin@${bastion}`,
        "registry-1": `ssh -J admin@${bastion} admin@10.80.128.4`,
        "registry-2": `ssh -J admin@${bastion} admin@10.80.144.4`,
        "proxy-1": `ssh -J admin@${bastion} admin@10.80.0.5`,
        "proxy-2": `ssh -J admin@${bastion} admin@10.80.16.5`,
      },
      private_addresses: {
        bastion: "10.80.0.4",
        "registry-1": "10.80.128.4",
        "registry-2": "10.80.144.4",
        "proxy-1": "10.80.0.5",
        "proxy-2": "10.80.16.5",
      },
      registry_bucket: "registry-example-internal",
      provisioning_bucket: "registry-example-internal-provisioning",
    });
  });

  it("moves nothing that exists when a zone is appended", () => {
    const zones = [...exampleConfig.network.zones, "eu-west-1c"];
    const wider = plan(configWith({ network: { zones } }));
    for (const type of ["aws_subnet", "aws_instance", "aws_vpc_endpoint", "aws_eip", "aws_s3_bucket"]) {
      expect(resources(wider, type)).toMatchObject(resources(example, type));
    }
  });
});
