// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { describe, expect, it } from "vitest";
import { planTopology } from "../../../topology/plan-topology.ts";
import { configWith, exampleConfig, plan, resources, withoutHashes } from "./fixture.ts";

describe("every instance", () => {
  const example = plan();
  const instances = resources(example, "aws_instance");
  const nodes = planTopology(exampleConfig).nodes;

  it("is a planned node, under the node's name", () => {
    expect(Object.keys(instances).sort()).toEqual(nodes.map((node) => node.name).sort());
  });

  it.each(nodes)("has the machine, address and subnet planned for $name", (node) => {
    expect(withoutHashes(instances[node.name])).toMatchObject({
      ami: node.ami,
      instance_type: node.instanceType,
      private_ip: node.privateIp,
      subnet_id: `\${aws_subnet.network_${node.subnet.name}.id}`,
      key_name: "${aws_key_pair.key-pair.key_name}",
    });
  });

  it.each(nodes)("says by its tags that it is $name", (node) => {
    expect(instances[node.name].tags).toEqual({
      Name: `registry-${node.name}`,
      Cluster: "registry",
      Role: node.role,
      Node: node.name,
    });
  });

  it.each([
    ["bastion", "bastion", "bastion"],
    ["registry-1", "registries", "registry"],
    ["registry-2", "registries", "registry"],
    ["proxy-1", "proxies", "proxy"],
    ["proxy-2", "proxies", "proxy"],
  ])("is in one security group and one role: %s", (name, group, role) => {
    expect(withoutHashes(instances[name])).toMatchObject({
      vpc_security_group_ids: [`\${aws_security_group.security-groups_${group}_group.id}`],
      iam_instance_profile: `\${aws_iam_instance_profile.roles_${role}_profile.name}`,
    });
  });

  it.each(Object.entries(instances))(
    "gives out metadata for session tokens only, and to itself only: %s",
    (_, instance) => {
      expect(instance.metadata_options).toEqual({
        http_endpoint: "enabled",
        http_tokens: "required",
        http_put_response_hop_limit: 1,
      });
    },
  );

  it.each(nodes)("has an encrypted root volume of the planned size: $name", (node) => {
    expect(instances[node.name].root_block_device).toEqual({
      encrypted: true,
      volume_type: "gp3",
      volume_size: node.rootVolumeGiB,
      tags: instances[node.name].tags,
    });
  });

  it("gives the config's tags to its root volume by name, because the provider updates default tags everywhere else only", () => {
    const tagged = resources(plan(configWith({ tags: { owner: "${team}" } })), "aws_instance")["proxy-1"];
    expect(tagged.root_block_device.tags).toEqual({ ...tagged.tags, owner: "$${team}" });
  });

  it.each(nodes)("runs its own user data, with Terraform's template marks escaped: $name", (node) => {
    expect(instances[node.name].user_data).toBe(`#!/bin/bash\n# ${node.name}\necho "$\${HOME}"\n`);
  });

  it.each(Object.entries(instances))("survives a change of user data or of its public address: %s", (_, instance) => {
    expect(instance.lifecycle).toEqual({ ignore_changes: ["user_data", "associate_public_ip_address"] });
  });

  it("leaves the choice of a public address to its subnet", () => {
    const properties = Object.values(instances).flatMap(Object.keys);
    expect(properties).not.toContain("associate_public_ip_address");
  });

  it.each(Object.entries(instances))("boots when its bundle can be fetched: %s", (_, { depends_on }) => {
    const kinds = (depends_on as string[]).map((id) => id.replace(/_[0-9A-F]{8}$/, ""));
    expect(kinds).toEqual(
      expect.arrayContaining(["aws_s3_object.provisioning_pointer", "aws_vpc_endpoint.network_s3"]),
    );
    expect(kinds.filter((id) => id.startsWith("aws_iam_role_policy.roles_"))).not.toEqual([]);
    expect(kinds.filter((id) => id.startsWith("aws_route."))).toHaveLength(1);
  });

  it("waits for the way to its secrets where there is no other", () => {
    const closed = plan(configWith({ network: { egress: "none" } }));
    for (const instance of Object.values(resources(closed, "aws_instance"))) {
      expect(instance.depends_on).toContainEqual(expect.stringMatching(/^aws_vpc_endpoint\.ssm_endpoint_/));
    }
  });
});

describe("a larger cluster", () => {
  const small = plan();
  const large = plan(configWith({ registries: { count: 3 }, proxies: { count: 4 } }));

  it("has as many instances as the config says", () => {
    expect(Object.keys(resources(large, "aws_instance")).sort()).toEqual(
      ["bastion", "proxy-1", "proxy-2", "proxy-3", "proxy-4", "registry-1", "registry-2", "registry-3"].sort(),
    );
  });

  it("leaves the instances of the smaller one as they are", () => {
    expect(resources(large, "aws_instance")).toMatchObject(resources(small, "aws_instance"));
  });
});
