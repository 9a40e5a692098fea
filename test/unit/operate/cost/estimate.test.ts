import { describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../../config/schema.ts";
import { estimate } from "../../../../operate/cost/estimate.ts";
import { meterNames, meters } from "../../../../operate/cost/meters.ts";
import type { RegionalPrices } from "../../../../operate/cost/price-table.ts";
import type { PlannedResource } from "../../../../operate/plan/synthesized-plan.ts";
import { planTopology } from "../../../../topology/plan-topology.ts";
import { nodesOf } from "../../../../topology/topology.ts";
import { planOf, resource } from "../../lab/support.ts";
import { configWith, exampleConfig, plan } from "../../stacks/fixture.ts";

/** Easy prices: 1 USD an hour for everything, 0.1 a GiB, 2 for a t3.micro. */
const prices: RegionalPrices = {
  instanceHour: { source: "test", usd: { "t3.micro": 2, "m5.large": 3 } },
  prices: Object.fromEntries(
    meterNames.map((name) => [name, { usd: name === "gp3GibMonth" ? 0.1 : 1, source: "test" }]),
  ) as RegionalPrices["prices"],
};

const ofPlan = (...resources: PlannedResource[]) => estimate({ folder: "/anywhere", resources }, prices);
const ofConfig = (config: ClusterConfig) => estimate(planOf(plan(config).text), prices);
const chargesOf = ({ charges }: ReturnType<typeof estimate>) =>
  charges.map(({ resource, what, quantity, usdAMonth }) => [resource, what, quantity, usdAMonth]);

const subnet = (name: string, isPublic: boolean) => resource("aws_subnet", name, { map_public_ip_on_launch: isPublic });
const instance = (name: string, properties: object = {}) =>
  resource("aws_instance", name, { instance_type: "t3.micro", subnet_id: "${aws_subnet.private.id}", ...properties });
const inPublic = { subnet_id: "${aws_subnet.public.id}" };
const network = [subnet("public", true), subnet("private", false)];
const ownAddresses = (...resources: PlannedResource[]) =>
  ofPlan(...network, ...resources).charges.find(({ what }) => what === "own public IPv4 address")?.quantity ?? 0;

describe("what a resource costs a month", () => {
  it("is 730 hours of an instance, by its type", () => {
    expect(chargesOf(ofPlan(instance("one", { instance_type: "m5.large" })))).toEqual([
      ["aws_instance.one", "m5.large", 1, 2190],
    ]);
  });

  it("is that of every volume of an instance, by its size", () => {
    const volumes = { root_block_device: { volume_type: "gp3", volume_size: 16 } };
    expect(chargesOf(ofPlan(instance("one", volumes)))).toContainEqual(["aws_instance.one", "gp3 volume", 16, 1.6]);
  });

  it("is that of an interface endpoint in each of its subnets", () => {
    const endpoint = resource("aws_vpc_endpoint", "ec2", { vpc_endpoint_type: "Interface", subnet_ids: ["a", "b"] });
    expect(ofPlan(endpoint).usdAMonth).toBe(1460);
  });

  it("is nothing for a gateway endpoint", () => {
    const endpoint = resource("aws_vpc_endpoint", "s3", { vpc_endpoint_type: "Gateway" });
    expect(ofPlan(endpoint)).toMatchObject({ charges: [], leftOut: [], usdAMonth: 0 });
  });
});

describe("public IPv4 addresses", () => {
  it("are every Elastic IP, whoever holds it", () => {
    expect(ofPlan(resource("aws_eip", "one"), resource("aws_eip", "two")).usdAMonth).toBe(1460);
  });

  it("are one for each instance in a public subnet, and none in a private one", () => {
    expect(ownAddresses(instance("one", inPublic), instance("two", inPublic), instance("three"))).toBe(2);
  });

  it("are not an instance's own while an Elastic IP is associated with it", () => {
    const association = { instance_id: "${aws_instance.one.id}", allocation_id: "${aws_eip.one.allocation_id}" };
    const bastion = [resource("aws_eip", "one"), resource("aws_eip_association", "one", association)];
    expect(ownAddresses(instance("one", inPublic), ...bastion)).toBe(0);
  });

  it("are not the own one of whoever holds the Elastic IP that the plan binds to nothing", () => {
    const proxies = ["one", "two", "three"].map((name) => instance(name, inPublic));
    expect(ownAddresses(...proxies, resource("aws_eip", "service"))).toBe(2);
  });

  it("stay an instance's own when the Elastic IP is a NAT gateway's", () => {
    const gateway = resource("aws_nat_gateway", "one", { allocation_id: "${aws_eip.nat.allocation_id}" });
    expect(ownAddresses(instance("one", inPublic), resource("aws_eip", "nat"), gateway)).toBe(1);
  });
});

describe("what has no price", () => {
  const unpriced = [
    ["an instance type", instance("one", { instance_type: "x2idn.large" }), "x2idn.large in this region"],
    [
      "a type of volume",
      instance("one", { root_block_device: { volume_type: "io2", volume_size: 8 } }),
      "a volume of type io2 and 8 GiB",
    ],
    [
      "a type of endpoint",
      resource("aws_vpc_endpoint", "one", { vpc_endpoint_type: "GatewayLoadBalancer" }),
      "an endpoint of type GatewayLoadBalancer",
    ],
    ["a type of resource", resource("aws_lb", "one"), "the type aws_lb"],
  ] as const;

  it.each(unpriced)("is said by name: %s", (_what, unknown, text) => {
    expect(ofPlan(unknown).leftOut).toEqual([`${unknown.address}: no price for ${text}: left out of the sum`]);
  });

  it("leaves the sum of the others as it is", () => {
    const { usdAMonth } = ofPlan(instance("one", { instance_type: "x2idn.large" }), instance("two"));
    expect(usdAMonth).toBe(1460);
  });
});

describe("the estimate of the cluster", () => {
  const topology = planTopology(exampleConfig);
  const { nodes } = topology;
  const proxies = nodesOf(topology, "proxy");
  const example = ofConfig(exampleConfig);

  it.each([
    ["as it is", {}],
    ["with a NAT gateway", { network: { egress: "nat-gateway" } }],
    ["without a way out", { network: { egress: "none" } }],
    ["with all flow logs", { network: { flowLogs: "all" } }],
    ["without flow logs", { network: { flowLogs: "none" } }],
  ] as const)("knows every resource: %s", (_how, changes) => {
    expect(ofConfig(configWith(changes)).leftOut).toEqual([]);
  });

  it("counts every node, its volume, and the addresses", () => {
    expect(example.kinds.map(({ kind, quantity }) => [kind, quantity])).toEqual([
      ["instances", nodes.length],
      ["volumes", nodes.reduce((sum, { rootVolumeGiB }) => sum + rootVolumeGiB, 0)],
      // the service address, the bastion's, and that of every proxy but the holder
      ["public IPv4 addresses", 2 + proxies.length - 1],
      ["interface endpoints", new Set(proxies.map((proxy) => proxy.subnet.zone)).size],
    ]);
  });

  it("is the sum of its charges, and of its kinds", () => {
    const sum = (items: readonly { usdAMonth: number }[]) => items.reduce((total, item) => total + item.usdAMonth, 0);
    expect(sum(example.charges)).toBeCloseTo(example.usdAMonth, 4);
    expect(sum(example.kinds)).toBeCloseTo(example.usdAMonth, 4);
  });

  it("names what comes with use: a NAT gateway's traffic only where there is one", () => {
    const { what } = meters.natGatewayGb;
    expect(example.byUse.map((use) => use.what)).not.toContain(what);
    const { byUse } = ofConfig(configWith({ network: { egress: "nat-gateway" } }));
    expect(byUse.map((use) => use.what)).toContain(what);
  });

  it("names flow logs only where they are recorded", () => {
    const uses = (flowLogs: "all" | "none") =>
      ofConfig(configWith({ network: { flowLogs } })).byUse.map(({ what }) => what);
    expect(uses("all")).toContain(meters.flowLogGb.what);
    expect(uses("none")).not.toContain(meters.flowLogGb.what);
  });

  it("names the CPU credits of t3 instances only where there are such", () => {
    const instanceType = "m5.large";
    const others = configWith({ bastion: { instanceType }, registries: { instanceType }, proxies: { instanceType } });
    expect(example.byUse.map(({ what }) => what)).toContain(meters.t3CreditHour.what);
    expect(ofConfig(others).byUse.map(({ what }) => what)).not.toContain(meters.t3CreditHour.what);
  });
});
