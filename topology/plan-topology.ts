import { firstUsableHost, hostAddress, lastUsableAddress, sixteenths } from "../common/ipv4.ts";
import { provisioningBucketName } from "../config/derived-names.ts";
import type { ClusterConfig } from "../config/schema.ts";
import type { ClusterNode, Role, Subnet, Topology } from "./topology.ts";

/**
 * Plans every subnet and address of a cluster.
 *
 * What stays where when the config grows:
 * - more proxies or registries: nothing that exists moves;
 * - a zone appended to `zones`: no subnet moves. With `z` zones before, the first `z` proxies and registries stay too;
 *   every later one gets another address, so Terraform replaces it.
 */
export function planTopology(config: ClusterConfig): Topology {
  const subnets = planSubnets(config);
  const publicSubnets = subnets.filter((subnet) => subnet.kind === "public");
  const privateSubnets = subnets.filter((subnet) => subnet.kind === "private");

  const bastion = planNode("bastion", "bastion", 1, publicSubnets[0]!, firstUsableHost, config.bastion);
  const registries = planGroup("registry", privateSubnets, firstUsableHost, config.registries);
  const proxies = planGroup("proxy", publicSubnets, firstUsableHost + 1, config.proxies);

  const builder = config.builder.enabled ? planBuilder(config, privateSubnets[0]!) : undefined;

  return {
    config,
    subnets,
    bastion,
    registries,
    proxies,
    builder,
    nodes: [bastion, ...registries, ...proxies, ...(builder ? [builder] : [])],
    resolverIp: hostAddress(config.network.cidr, 2),
    provisioningBucket: provisioningBucketName(config.storage),
  };
}

/** Public subnets are the first eight blocks of the VPC, private ones the last eight, both in the order of the zones. */
function planSubnets({ network }: ClusterConfig): Subnet[] {
  const blocks = sixteenths(network.cidr);
  return [
    ...network.zones.map((zone, i) => planSubnet("public", zone, blocks[i]!)),
    ...network.zones.map((zone, i) => planSubnet("private", zone, blocks[8 + i]!)),
  ];
}

function planSubnet(kind: Subnet["kind"], zone: string, cidr: string): Subnet {
  return {
    name: `${kind}-${zone.at(-1)}`,
    kind,
    zone,
    cidr,
    endpointIp: lastUsableAddress(cidr),
    natGatewayIp: lastUsableAddress(cidr, 1),
  };
}

/** Deals `count` nodes out to the subnets in turn. */
function planGroup(
  role: Role,
  subnets: readonly Subnet[],
  firstHost: number,
  machine: Machine & { count: number },
): ClusterNode[] {
  return Array.from({ length: machine.count }, (_, i) => {
    const subnet = subnets[i % subnets.length]!;
    const host = firstHost + Math.floor(i / subnets.length);
    return planNode(`${role}-${i + 1}`, role, i + 1, subnet, host, machine);
  });
}

/** Its address is counted from the end of the subnet: registries, which are counted from the beginning, never reach it. */
function planBuilder({ builder, registries }: ClusterConfig, subnet: Subnet): ClusterNode {
  const machine = { ...builder, ami: builder.ami ?? registries.ami };
  return {
    ...planNode("builder", "builder", 1, subnet, firstUsableHost, machine),
    privateIp: lastUsableAddress(subnet.cidr, 2),
  };
}

type Machine = Pick<ClusterNode, "ami" | "instanceType" | "rootVolumeGiB">;

function planNode(
  name: string,
  role: Role,
  number: number,
  subnet: Subnet,
  host: number,
  machine: Machine,
): ClusterNode {
  const { ami, instanceType, rootVolumeGiB } = machine;
  return { name, role, number, subnet, privateIp: hostAddress(subnet.cidr, host), ami, instanceType, rootVolumeGiB };
}
