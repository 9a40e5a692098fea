import type { ClusterConfig } from "../config/schema.ts";

/** Sections of the config that describe machines. */
type MachineSection = {
  [Section in keyof ClusterConfig]: ClusterConfig[Section] extends { instanceType: string } ? Section : never;
}[keyof ClusterConfig];

/** What a kind of node is: everything about it that other rooms ask for. */
export interface RoleEntry {
  /**
   * Section of the config that describes its machines. With `count` in it there are so many; with `enabled` in it there is one
   * where that is true; else there is always one. The role's security group has the section's name.
   */
  readonly section: MachineSection;
  /** Description of its security group. AWS never lets it change: a new text replaces the group. */
  readonly groupDescription: string;
  readonly subnets: "public" | "private";
  /** Address of its first node: so many places after the first address of its subnet that can be used, or before the last. */
  readonly firstAddress: { readonly afterFirst: number } | { readonly beforeLast: number };
  /** What it fetches from the provisioning bucket, besides bundles. */
  readonly fetches: readonly ProvisionedArchive[];
  /** What it may do on AWS besides fetching its configuration and its secrets. Each becomes a policy of this name. */
  readonly rights: readonly Right[];
  /** Whether it may read S3 objects of other accounts: base images are pulled from registries that keep theirs in S3. */
  readonly pullsBaseImages?: true;
  /** Secrets in its SSM folder that its services cannot start without. With none, it has no folder. */
  readonly secrets: readonly string[];
  /** Salt components, in the order in which they are applied. `salt/components.jinja` is made from them. */
  readonly components: readonly string[];
  /** systemd units that must be active for the node to be healthy. */
  readonly services: readonly string[];
  /** Who may ask the metadata service for the node's credentials, besides root: names and numbers as nftables has them. */
  readonly metadataUsers: readonly string[];
}

/** An archive in the provisioning bucket that is too large for the bundle. */
export type ProvisionedArchive = "image" | "programs";

/** Something that a role may do on AWS; `constructs/permissions.ts` says what that is in AWS's words. */
export type Right = "storage" | "service-address";

/** Users of programs that ask AWS for the rights of their node. */
export const users = {
  /** The registry's, in its container; no account of the node. */
  registry: 65532,
  eipKeeper: "eip-keeper",
} as const;

/** What every node is made of first. */
export const everyNode = ["base", "converge"] as const;

/** Every kind of node, in the order in which nodes are listed and take turns. */
export const roles = {
  bastion: {
    section: "bastion",
    groupDescription: "Bastion of the registry cluster",
    subnets: "public",
    firstAddress: { afterFirst: 0 },
    fetches: [],
    rights: [],
    secrets: [],
    components: [...everyNode, "firewall"],
    services: ["ssh"],
    metadataUsers: [],
  },
  registry: {
    section: "registries",
    groupDescription: "Registries of the cluster",
    subnets: "private",
    firstAddress: { afterFirst: 0 },
    fetches: ["image"],
    rights: ["storage"],
    secrets: ["http-secret", "htpasswd"],
    components: [...everyNode, "firewall", "docker", "registry"],
    services: ["docker", "registry"],
    metadataUsers: [String(users.registry)],
  },
  proxy: {
    section: "proxies",
    groupDescription: "Proxies of the registry cluster",
    subnets: "public",
    // the bastion has the first address
    firstAddress: { afterFirst: 1 },
    fetches: [],
    rights: ["service-address"],
    secrets: ["server-key", "server-certificate"],
    components: [...everyNode, "firewall", "pki", "nginx", "haproxy", "eip-keeper", "keepalived"],
    services: ["haproxy", "nginx", "keepalived", "eip-keeper"],
    metadataUsers: [`"${users.eipKeeper}"`],
  },
  builder: {
    section: "builder",
    groupDescription: "Builder of images from git",
    subnets: "private",
    // registries are counted from the other end and never reach it; the last two are the endpoint's and the NAT gateway's
    firstAddress: { beforeLast: 2 },
    fetches: ["programs"],
    rights: [],
    pullsBaseImages: true,
    secrets: ["registry-login", "ca-certificate"],
    components: [...everyNode, "firewall", "builder"],
    services: ["image-watch"],
    metadataUsers: [],
  },
} as const satisfies Record<string, RoleEntry>;

/** What an instance is for. */
export type Role = keyof typeof roles;

export const roleNames = Object.keys(roles) as readonly Role[];

export const roleEntry = (role: Role): RoleEntry => roles[role];

/** The machines that a config wants of a role. */
export interface Machines {
  readonly count: number;
  /** Whether its nodes are numbered. */
  readonly isGroup: boolean;
  readonly ami: string;
  readonly instanceType: string;
  readonly rootVolumeGiB: number;
}

/** @returns what the config says of a role's machines; the image is that of the registries where it names none */
export function machinesOf(config: ClusterConfig, role: Role): Machines {
  const section: { count?: number; enabled?: boolean; ami?: string; instanceType: string; rootVolumeGiB: number } =
    config[roles[role].section];
  const { count = 1, enabled = true, ami = config.registries.ami, instanceType, rootVolumeGiB } = section;
  return { count: enabled ? count : 0, isGroup: section.count !== undefined, ami, instanceType, rootVolumeGiB };
}

/** @returns the roles of which a config wants nodes */
export function rolesOf(config: ClusterConfig): Role[] {
  return roleNames.filter((role) => machinesOf(config, role).count > 0);
}
