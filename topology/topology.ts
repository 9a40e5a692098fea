import type { ClusterConfig } from "../config/schema.ts";

/** What an instance is for. */
export type Role = "bastion" | "registry" | "proxy" | "builder";

/** A planned subnet of the VPC. */
export interface Subnet {
  /** `public-a`, `private-b`, ...: kind and the zone's letter. */
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

/** The whole cluster as planned from its config, by pure functions: no Terraform token is in it. */
export interface Topology {
  readonly config: ClusterConfig;
  readonly subnets: readonly Subnet[];
  readonly bastion: ClusterNode;
  readonly registries: readonly ClusterNode[];
  readonly proxies: readonly ClusterNode[];
  /** Makes images from git, where the config wants one. */
  readonly builder?: ClusterNode;
  /** Bastion, registries, proxies, builder, in this order. */
  readonly nodes: readonly ClusterNode[];
  /** Resolver that AWS offers in every VPC: its base address plus two. */
  readonly resolverIp: string;
  readonly provisioningBucket: string;
}
