import { type MachineCount, machineCount } from "../config/machines.ts";
import type { ClusterConfig } from "../config/schema.ts";

/** Sections of the config that describe machines. */
type MachineSection = {
  [Section in keyof ClusterConfig]: ClusterConfig[Section] extends { instanceType: string } ? Section : never;
}[keyof ClusterConfig];

/** Everything that other rooms need to know about a role. */
export interface RoleEntry {
  /**
   * Section of the config that describes its machines. With `count` in it, there are as many; with `enabled`, there is one if that is
   * true; with neither, there is always one. The role's security group has the section's name.
   */
  readonly section: MachineSection;
  /** Description of its security group. AWS does not allow changes: a new text replaces the group. */
  readonly groupDescription: string;
  readonly subnets: "public" | "private";
  /** Address of its first node, counted from the first or the last usable address of its subnet. */
  readonly firstAddress: { readonly afterFirst: number } | { readonly beforeLast: number };
  /** What it fetches from the provisioning bucket, besides bundles. */
  readonly fetches: readonly ProvisionedArchive[];
  /** What it may do on AWS besides fetching its configuration and its secrets. Each right becomes a policy of this name. */
  readonly rights: readonly Right[];
  /** Whether it may read S3 objects of other accounts: some registries keep their base images there. */
  readonly pullsBaseImages?: true;
  /** Secrets in its SSM folder that its services need to start. Without secrets it has no folder. */
  readonly secrets: readonly string[];
  /** Salt components, in the order in which they are applied. `salt/components.jinja` is generated from them. */
  readonly components: readonly string[];
  /** systemd units that must be active for the node to be healthy. */
  readonly services: readonly string[];
  /** Who, besides root, may get the node's credentials from the metadata service: user names and ids in nftables syntax. */
  readonly metadataUsers: readonly string[];
}

/** An archive in the provisioning bucket that is too large for the bundle. */
export type ProvisionedArchive = "image" | "programs";

/** Something that a role may do on AWS; `constructs/permissions.ts` translates it into AWS permissions. */
export type Right = "storage" | "service-address";

/** Users of programs that call AWS with the credentials of their node. */
export const users = {
  /** The user in the registry's container. It is not an account on the node. */
  registry: 65532,
  eipKeeper: "eip-keeper",
} as const;

/** The first components of every node. */
export const everyNode = ["base", "converge", "upgrades"] as const;

/** Every role, in the order in which nodes are listed and converge. */
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
    // the bastion has the first one of its subnet
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
    // registries count up from the other end and never reach it; the last two belong to the endpoint and the NAT gateway
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

/** The machines of a role in a config. */
export interface Machines {
  readonly count: number;
  /** Whether its nodes are numbered. */
  readonly isGroup: boolean;
  readonly ami: string;
  readonly instanceType: string;
  readonly rootVolumeGiB: number;
}

/** @returns the machines of a role. A section without an AMI uses that of the registries. */
export function machinesOf(config: ClusterConfig, role: Role): Machines {
  const section: MachineCount & { ami?: string; instanceType: string; rootVolumeGiB: number } =
    config[roles[role].section];
  const { ami = config.registries.ami, instanceType, rootVolumeGiB } = section;
  return { count: machineCount(section) as number, isGroup: "count" in section, ami, instanceType, rootVolumeGiB };
}

/** @returns the roles that have nodes in a config */
export function rolesOf(config: ClusterConfig): Role[] {
  return roleNames.filter((role) => machinesOf(config, role).count > 0);
}

/** @returns the roles whose nodes read secrets */
export function secretReadersOf(config: ClusterConfig): Role[] {
  return rolesOf(config).filter((role) => roleEntry(role).secrets.length > 0);
}

/** Whether any node fetches an archive. */
export function isFetched(config: ClusterConfig, archive: ProvisionedArchive): boolean {
  return rolesOf(config).some((role) => roleEntry(role).fetches.includes(archive));
}
