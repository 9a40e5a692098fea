import type { Role } from "./roles.ts";

/** Names that more than one part of the project must agree on, once. */

/** Value of the Role tag of the cluster's one service address. */
export const serviceAddressRole = "service-address";

/** Folders of a cluster's SSM parameters. A node may read its role's only; nobody but operators reads `operator`. */
export type SecretFolder = Role | "operator";

/** An SSM parameter of a cluster, or a folder of them. */
export function secretPath(cluster: string, folder: SecretFolder, key = ""): string {
  return `/registry-cluster/${cluster}/${folder}${key && `/${key}`}`;
}

/** Keys in the provisioning bucket. */
export const provisioningKeys = {
  /** Names the current bundle; the only object that is ever overwritten. */
  pointer: "current.yml",
  /** The script that fetches the current bundle and applies it. */
  convergeScript: "registry-cluster-converge",
  bundle: (sha256: string) => `bundles/${sha256}.tar`,
  image: (sha256: string) => `images/${sha256}.tar`,
  /** Programs that a role runs and no package has. */
  programs: (sha256: string) => `programs/${sha256}.tar`,
} as const;
