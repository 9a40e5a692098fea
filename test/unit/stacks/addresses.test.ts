// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { describe, expect, it } from "vitest";
import { configWith, plan, resources, withoutHashes } from "./fixture.ts";

describe("Elastic IPs", () => {
  const example = plan();

  it("keep their Terraform names, or clients would lose them", () => {
    expect(Object.keys(resources(example, "aws_eip")).sort()).toEqual(["bastion_address", "service_address"]);
    const natGateway = plan(configWith({ network: { egress: "nat-gateway" } }));
    expect(Object.keys(resources(natGateway, "aws_eip"))).toContain("nat_gateway_address");
  });

  it("leave the service address to the proxies: no instance, no interface, no association, and nothing that it depends on", () => {
    expect(withoutHashes(resources(example, "aws_eip").service_address)).toEqual({
      domain: "vpc",
      tags: { Name: "registry-service-address", Cluster: "registry", Role: "service-address" },
    });
    const associations = JSON.stringify(resources(example, "aws_eip_association"));
    expect(associations).not.toContain("service_address");
  });

  it("tie the bastion's to the bastion", () => {
    expect(resources(example, "aws_eip").bastion_address.tags).toEqual({
      Name: "registry-bastion",
      Cluster: "registry",
      Role: "bastion",
    });
    expect(Object.values(resources(example, "aws_eip_association"))).toEqual([
      { instance_id: "${aws_instance.bastion.id}", allocation_id: "${aws_eip.bastion_address.allocation_id}" },
    ]);
  });
});
