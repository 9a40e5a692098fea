import { firstUsableHost, hostAddress, lastUsableAddress, sixteenths } from "../common/ipv4.ts";
import { provisioningBucketName } from "../config/derived-names.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { machinesOf, type Role, roleNames, roles } from "./roles.ts";
import type { ClusterNode, Subnet, Topology } from "./topology.ts";

/**
 * Plans every subnet and address of a cluster.
 *
 * What moves when the config grows:
 * - more proxies or registries: nothing;
 * - a zone appended to `zones`: no subnet. With `z` zones before, the first `z` proxies and registries keep their addresses too;
 *   every later one gets a new address, so Terraform replaces it.
 */
export function planTopology(config: ClusterConfig): Topology {
  const subnets = planSubnets(config);
  return {
    config,
    subnets,
    nodes: roleNames.flatMap((role) => planNodes(config, role, subnets)),
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

/** Distributes the nodes of a role over the zones in turn. */
function planNodes(config: ClusterConfig, role: Role, subnets: readonly Subnet[]): ClusterNode[] {
  const { subnets: kind, firstAddress } = roles[role];
  const { count, isGroup, ...machine } = machinesOf(config, role);
  const ofKind = subnets.filter((subnet) => subnet.kind === kind);
  return Array.from({ length: count }, (_, i) => {
    const subnet = ofKind[i % ofKind.length]!;
    const place = Math.floor(i / ofKind.length);
    return {
      name: isGroup ? `${role}-${i + 1}` : role,
      role,
      number: i + 1,
      subnet,
      privateIp:
        "afterFirst" in firstAddress
          ? hostAddress(subnet.cidr, firstUsableHost + firstAddress.afterFirst + place)
          : lastUsableAddress(subnet.cidr, firstAddress.beforeLast + place),
      ...machine,
    };
  });
}
