// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { describe, expect, it } from "vitest";
import { Network } from "../../../constructs/network.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { bastionOf } from "../../../topology/topology.ts";
import { configWith, exampleConfig, named, plan, resources, withoutHashes, withStack } from "./fixture.ts";

describe("the network", () => {
  const example = plan();
  const topology = planTopology(exampleConfig);

  it("is one VPC with the DNS that private names of AWS services need", () => {
    expect(example.text).toHaveResourceWithProperties(Vpc, {
      cidr_block: "10.80.0.0/16",
      enable_dns_support: true,
      enable_dns_hostnames: true,
    });
  });

  it.each(topology.subnets)("has the planned subnet $name, with public addresses only if it is public", (planned) => {
    expect(named(example, "aws_subnet", `registry-${planned.name}`)).toMatchObject({
      availability_zone: planned.zone,
      cidr_block: planned.cidr,
      map_public_ip_on_launch: planned.kind === "public",
    });
  });

  it("leads every subnet along the routes of its kind", () => {
    const associations = Object.values(resources(example, "aws_route_table_association")).map(withoutHashes);
    expect(associations).toHaveLength(topology.subnets.length);
    for (const { subnet_id, route_table_id } of associations) {
      const kind = /_(public|private)-/.exec(subnet_id)?.[1];
      expect(route_table_id).toBe(`\${aws_route_table.network_${kind}-routes.id}`);
    }
  });

  it("sends public subnets to the internet gateway", () => {
    expect(example.text).toHaveResourceWithProperties(InternetGateway, { tags: { Name: "registry" } });
    expect(withoutHashes(example.text)).toHaveResourceWithProperties(Route, {
      route_table_id: "${aws_route_table.network_public-routes.id}",
      destination_cidr_block: "0.0.0.0/0",
      gateway_id: "${aws_internet_gateway.network_internet-gateway.id}",
    });
  });

  it("brings S3 to public and private subnets without an address of its own", () => {
    expect(withoutHashes(named(example, "aws_vpc_endpoint", "registry-s3"))).toMatchObject({
      service_name: "com.amazonaws.eu-west-1.s3",
      vpc_endpoint_type: "Gateway",
      route_table_ids: ["${aws_route_table.network_public-routes.id}", "${aws_route_table.network_private-routes.id}"],
    });
  });
});

describe("the EC2 endpoint", () => {
  it("has its planned address in every subnet that holds a proxy, and EC2's own name", () => {
    expect(withoutHashes(named(plan(), "aws_vpc_endpoint", "registry-ec2"))).toMatchObject({
      service_name: "com.amazonaws.eu-west-1.ec2",
      vpc_endpoint_type: "Interface",
      private_dns_enabled: true,
      subnet_ids: ["${aws_subnet.network_public-a.id}", "${aws_subnet.network_public-b.id}"],
      subnet_configuration: [
        { ipv4: "10.80.15.254", subnet_id: "${aws_subnet.network_public-a.id}" },
        { ipv4: "10.80.31.254", subnet_id: "${aws_subnet.network_public-b.id}" },
      ],
      security_group_ids: ["${aws_security_group.ec2_ec2-endpoint_group.id}"],
    });
  });

  it("is in a subnet once, however many proxies are there", () => {
    const fourProxies = plan(configWith({ proxies: { count: 4 } }));
    expect(named(fourProxies, "aws_vpc_endpoint", "registry-ec2").subnet_ids).toHaveLength(2);
  });

  it("leaves a subnet without proxies alone", () => {
    const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
    const threeZones = plan(configWith({ network: { zones } }));
    expect(named(threeZones, "aws_vpc_endpoint", "registry-ec2").subnet_ids).toHaveLength(2);
  });
});

describe("private nodes reach the internet", () => {
  const defaultRoutes = (from: ReturnType<typeof plan>) =>
    Object.values(resources(from, "aws_route"))
      .map(withoutHashes)
      .filter((route) => route.route_table_id.includes("private"));

  it("through the bastion's interface, and the bastion forwards", () => {
    const example = plan();
    expect(defaultRoutes(example)).toEqual([
      {
        route_table_id: "${aws_route_table.network_private-routes.id}",
        destination_cidr_block: "0.0.0.0/0",
        network_interface_id: "${aws_instance.bastion.primary_network_interface_id}",
      },
    ]);
    expect(resources(example, "aws_instance").bastion.source_dest_check).toBe(false);
    expect(resources(example, "aws_nat_gateway")).toEqual({});
  });

  it("through one NAT gateway at its planned address, and the bastion forwards nothing", () => {
    const natGateway = plan(configWith({ network: { egress: "nat-gateway" } }));
    expect(withoutHashes(named(natGateway, "aws_nat_gateway", "registry-nat-gateway"))).toMatchObject({
      subnet_id: "${aws_subnet.network_public-a.id}",
      allocation_id: "${aws_eip.nat_gateway_address.allocation_id}",
      private_ip: "10.80.15.253",
    });
    expect(defaultRoutes(natGateway)).toMatchObject([{ nat_gateway_id: "${aws_nat_gateway.egress_gateway.id}" }]);
    expect(resources(natGateway, "aws_instance").bastion.source_dest_check).toBe(true);
  });

  it("not at all, and find their secrets inside of the VPC", () => {
    const closed = plan(configWith({ network: { egress: "none" } }));
    expect(defaultRoutes(closed)).toEqual([]);
    expect(withoutHashes(named(closed, "aws_vpc_endpoint", "registry-ssm"))).toMatchObject({
      service_name: "com.amazonaws.eu-west-1.ssm",
      private_dns_enabled: true,
      subnet_configuration: [
        { ipv4: "10.80.143.254", subnet_id: "${aws_subnet.network_private-a.id}" },
        { ipv4: "10.80.159.254", subnet_id: "${aws_subnet.network_private-b.id}" },
      ],
    });
    expect(resources(closed, "aws_instance").bastion.source_dest_check).toBe(true);
  });
});

it("a subnet that was never planned is refused, with those that were", () => {
  const topology = planTopology(exampleConfig);
  withStack(topology, (stack) => {
    const network = new Network(stack, "other", {
      name: "other",
      region: "eu-west-1",
      cidr: "10.80.0.0/16",
      subnets: [],
    });
    expect(() => network.subnet(bastionOf(topology).subnet)).toThrow(
      "'public-a' is not a subnet of 'registry/other', which has none: plan it first",
    );
    const planned = stack.node.findChild("network") as Network;
    expect(() => planned.subnet({ ...bastionOf(topology).subnet, name: "public-z" })).toThrow(
      "'public-z' is not a subnet of 'registry/network', which has public-a, public-b, private-a, private-b: plan it first",
    );
  });
});
