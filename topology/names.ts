import type { ClusterConfig } from "../config/schema.ts";
import { type Role, roleEntry, rolesOf } from "./roles.ts";

/** Names that several parts of the project must agree on, each defined once. */

/** Value of the Role tag of the cluster's one service address. */
export const serviceAddressRole = "service-address";

/** Folders of a cluster's SSM parameters. A node may read only its role's folder; only operators may read `operator`. */
export type SecretFolder = Role | "operator";

/** Path of an SSM parameter of a cluster, or of a folder of them. */
export function secretPath(cluster: string, folder: SecretFolder, key = ""): string {
  return `/registry-cluster/${cluster}/${folder}${key && `/${key}`}`;
}

/** Paths of all secrets that nodes need to start. */
export function secretsOfNodes(config: ClusterConfig): string[] {
  return rolesOf(config).flatMap((role) => roleEntry(role).secrets.map((key) => secretPath(config.name, role, key)));
}

/**
 * Name of an IAM role, and of a node's instance profile, which must have the same. IAM has no regions, so the name has one.
 * `flow-logs` is the role of the service that writes them.
 */
export function iamRoleName({ name, region }: { name: string; region: string }, role: Role | "flow-logs"): string {
  return `${name}-${region}-${role}`;
}

/** Folders of the registry's bucket, by the layout of distribution's storage driver, without a slash at either end. */
export const registryFolders = (prefix: string) => ({
  /** What the images consist of, by digest. */
  blobs: `${prefix.slice(1)}/docker/registry/v2/blobs`,
  /** Small files that say which repository has which blobs, and uploads that are going on. */
  repositories: `${prefix.slice(1)}/docker/registry/v2/repositories`,
});

/** Keys in the provisioning bucket. */
export const provisioningKeys = {
  /** Names the current bundle. */
  pointer: "current.yml",
  /** The script that fetches the current bundle and applies it. */
  convergeScript: "registry-cluster-converge",
  bundle: (sha256: string) => `bundles/${sha256}.tar`,
  image: (sha256: string) => `images/${sha256}.tar`,
  /** Folder of what nodes and the operator tell each other of a change. */
  rollout: "rollout/",
  /** What the operator wants. */
  rolloutControl: "rollout/control.json",
  /** Folder of reports. */
  reports: "rollout/reports/",
  /** How a node's last change went. */
  report: (node: string) => `rollout/reports/${node}.json`,
  /** How a node's last upgrade of Debian went. */
  upgradeReport: (node: string) => `rollout/upgrades/${node}.json`,
  /** Programs that a role needs and that no package contains. */
  programs: (sha256: string) => `programs/${sha256}.tar`,
} as const;
