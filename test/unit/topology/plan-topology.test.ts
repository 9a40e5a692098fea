import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostAddress, isInside, lastUsableAddress, overlap } from "../../../common/ipv4.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { roleNames } from "../../../topology/roles.ts";
import { bastionOf, nodesOf, type Topology } from "../../../topology/topology.ts";
import { withMostNodes } from "../config/every-role.ts";
import { minimalConfig } from "../config/minimal.ts";

/** Everything of a config that the plan of addresses depends on. */
interface Sizes {
  readonly cidr: string;
  readonly zones: number;
  readonly registries: number;
  readonly proxies: number;
  readonly builder?: boolean;
}

const base = minimalConfig();
const count = fc.integer({ min: 2, max: 8 });
const cidr = fc
  .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 16, max: 24 }))
  .map(([second, third, prefix]) => `10.${second}.${prefix === 24 ? third : 0}.0/${prefix}`);
const sizes: fc.Arbitrary<Sizes> = fc.record({
  cidr,
  zones: count,
  registries: count,
  proxies: count,
  builder: fc.boolean(),
});

function plan({ cidr, zones, registries, proxies, builder = false }: Sizes): Topology {
  return planTopology({
    ...base,
    network: { ...base.network, cidr, zones: [..."abcdefgh"].slice(0, zones).map((letter) => `eu-west-1${letter}`) },
    registries: { ...base.registries, count: registries },
    proxies: { ...base.proxies, count: proxies },
    builder: { ...base.builder, enabled: builder },
  });
}

describe("the plan of the minimal config", () => {
  const topology = planTopology(base);

  it("has a public and a private subnet in each zone", () => {
    expect(topology.subnets.map(({ name, kind, zone, cidr }) => [name, kind, zone, cidr])).toEqual([
      ["public-a", "public", "eu-west-1a", "10.80.0.0/20"],
      ["public-b", "public", "eu-west-1b", "10.80.16.0/20"],
      ["private-a", "private", "eu-west-1a", "10.80.128.0/20"],
      ["private-b", "private", "eu-west-1b", "10.80.144.0/20"],
    ]);
  });

  it("deals the nodes out to the zones", () => {
    expect(
      topology.nodes.map(({ name, role, number, subnet, privateIp }) => [name, role, number, subnet.name, privateIp]),
    ).toEqual([
      ["bastion", "bastion", 1, "public-a", "10.80.0.4"],
      ["registry-1", "registry", 1, "private-a", "10.80.128.4"],
      ["registry-2", "registry", 2, "private-b", "10.80.144.4"],
      ["proxy-1", "proxy", 1, "public-a", "10.80.0.5"],
      ["proxy-2", "proxy", 2, "public-b", "10.80.16.5"],
    ]);
  });

  it("gives every node the machine of its role", () => {
    const { ami, instanceType, rootVolumeGiB } = base.registries;
    expect(nodesOf(topology, "registry")[1]).toMatchObject({ ami, instanceType, rootVolumeGiB });
    expect(bastionOf(topology).rootVolumeGiB).toBe(base.bastion.rootVolumeGiB);
  });

  it("keeps the last two addresses of a subnet for the NAT gateway and the endpoint", () => {
    expect(topology.subnets[0]).toMatchObject({ natGatewayIp: "10.80.15.253", endpointIp: "10.80.15.254" });
  });

  it("names AWS's resolver", () => {
    expect(topology.resolverIp).toBe("10.80.0.2");
  });

  it("names the provisioning bucket after the bucket", () => {
    expect(topology.provisioningBucket).toBe("registry-images-provisioning");
  });

  it("takes the provisioning bucket that the config names", () => {
    const config = minimalConfig({ "storage.provisioningBucket": "other-bucket" });
    expect(planTopology(config).provisioningBucket).toBe("other-bucket");
  });

  it("starts a second round through the zones at the next address", () => {
    const larger = plan({ cidr: "10.80.0.0/16", zones: 2, registries: 2, proxies: 3 });
    expect(nodesOf(larger, "proxy")[2]).toMatchObject({ name: "proxy-3", privateIp: "10.80.0.6" });
  });
});

describe("the smallest network", () => {
  const most = withMostNodes(base);
  const network = { ...base.network, cidr: "10.0.0.0/24" };

  it("has an address for as many nodes of every role as the schema allows", () => {
    const { nodes, subnets } = planTopology({ ...most, network });
    const taken = [
      ...nodes.map(({ name, privateIp }) => [privateIp, name] as const),
      ...subnets.flatMap(({ name, endpointIp, natGatewayIp }) =>
        [endpointIp, natGatewayIp].map((address) => [address, name] as const),
      ),
    ];
    const shared = taken.filter(([address], i) => taken.some(([other], j) => i !== j && other === address));
    expect(shared).toEqual([]);
    expect(nodes.filter(({ privateIp, subnet }) => !isInside(`${privateIp}/32`, subnet.cidr))).toEqual([]);
  });
});

describe("any plan", () => {
  it("has no two subnets that overlap, and all of them inside the VPC", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { subnets, config } = plan(size);
        subnets.forEach((subnet, i) => {
          expect(isInside(subnet.cidr, config.network.cidr)).toBe(true);
          for (const other of subnets.slice(i + 1)) expect(overlap(subnet.cidr, other.cidr)).toBe(false);
        });
      }),
    );
  });

  it("gives no address twice", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const addresses = allAddresses(plan(size)).map(({ address }) => address);
        expect(new Set(addresses).size).toBe(addresses.length);
      }),
    );
  });

  it("gives only addresses of the subnet, and none that AWS keeps", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        for (const { address, cidr } of allAddresses(plan(size))) {
          expect(isInside(`${address}/32`, cidr)).toBe(true);
          expect([0, 1, 2, 3].map((host) => hostAddress(cidr, host))).not.toContain(address);
          expect(lastUsableAddress(cidr, -1)).not.toBe(address);
        }
      }),
    );
  });

  it("spreads each role over the zones as evenly as can be", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const topology = plan(size);
        for (const role of roleNames) {
          const group = nodesOf(topology, role);
          const perZone = topology.config.network.zones.map(
            (zone) => group.filter((node) => node.subnet.zone === zone).length,
          );
          expect(Math.max(...perZone) - Math.min(...perZone)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("puts the bastion and the proxies in public subnets and the others in private ones", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        for (const { role, subnet } of plan(size).nodes) {
          expect(subnet.kind).toBe(["bastion", "proxy"].includes(role) ? "public" : "private");
        }
      }),
    );
  });

  it("moves nothing when nodes are added", () => {
    fc.assert(
      fc.property(sizes, count, count, (size, registries, proxies) => {
        const before = plan(size);
        const after = plan({
          ...size,
          registries: Math.max(size.registries, registries),
          proxies: Math.max(size.proxies, proxies),
        });
        expect(after.subnets).toEqual(before.subnets);
        expect(after.nodes).toEqual(expect.arrayContaining([...before.nodes]));
      }),
    );
  });

  it("moves no subnet when zones are appended, and exactly the nodes after the first round", () => {
    const growing = fc.record({
      cidr,
      zones: fc.integer({ min: 2, max: 7 }),
      registries: count,
      proxies: count,
      builder: fc.boolean(),
    });
    fc.assert(
      fc.property(growing, fc.integer({ min: 1, max: 6 }), (size, more) => {
        const before = plan(size);
        const after = plan({ ...size, zones: Math.min(8, size.zones + more) });

        expect(after.subnets).toEqual(expect.arrayContaining([...before.subnets]));
        for (const node of before.nodes) {
          const stays = after.nodes.find(({ name }) => name === node.name)?.privateIp === node.privateIp;
          expect(stays).toBe(node.number <= size.zones);
        }
      }),
    );
  });

  function allAddresses({ nodes, subnets }: Topology) {
    return [
      ...nodes.map(({ privateIp, subnet }) => ({ address: privateIp, cidr: subnet.cidr })),
      ...subnets.flatMap(({ endpointIp, natGatewayIp, cidr }) => [
        { address: endpointIp, cidr },
        { address: natGatewayIp, cidr },
      ]),
    ];
  }
});
