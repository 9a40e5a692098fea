import type { ClusterConfig } from "../config/schema.ts";
import type { Role } from "./roles.ts";

/** A planned subnet of the VPC. */
export interface Subnet {
  /** `public-a`, `private-b`, ...: the kind and the letter of the zone. */
  readonly name: string;
  readonly kind: "public" | "private";
  /** Availability zone, such as `eu-west-1a`. */
  readonly zone: string;
  readonly cidr: string;
  /** Planned address of the interface endpoint in this subnet. */
  readonly endpointIp: string;
  /** Planned address of the NAT gateway in this subnet. */
  readonly natGatewayIp: string;
}

/** A planned instance: everything about it that is known before Terraform runs. */
export interface ClusterNode {
  /** `bastion`, `registry-1`, `proxy-2`, ... */
  readonly name: string;
  readonly role: Role;
  /** Position within its role, from 1. */
  readonly number: number;
  readonly subnet: Subnet;
  readonly privateIp: string;
  readonly ami: string;
  readonly instanceType: string;
  readonly rootVolumeGiB: number;
}

/** The whole cluster as planned from its config, by pure functions: it contains no Terraform tokens. */
export interface Topology {
  readonly config: ClusterConfig;
  readonly subnets: readonly Subnet[];
  /** In the order of the roles, then by number. */
  readonly nodes: readonly ClusterNode[];
  /** AWS's DNS resolver in every VPC: the base address plus two. */
  readonly resolverIp: string;
  readonly provisioningBucket: string;
}

/** @returns the nodes of a role, by number; empty if the config has none */
export function nodesOf({ nodes }: Pick<Topology, "nodes">, role: Role): ClusterNode[] {
  return nodes.filter((node) => node.role === role);
}

/** @returns the bastion: every cluster has exactly one */
export function bastionOf(topology: Pick<Topology, "nodes">): ClusterNode {
  return nodesOf(topology, "bastion")[0]!;
}

/** @returns the subnets that nodes are in, each once */
export function subnetsOf(nodes: readonly ClusterNode[]): Subnet[] {
  return [...new Map(nodes.map(({ subnet }) => [subnet.name, subnet])).values()];
}
