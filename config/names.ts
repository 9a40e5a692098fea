/** Names that more than one part of the project must agree on, once. */

/** Tags by which nodes and operators find what belongs to a cluster. */
export const tagKeys = { cluster: "Cluster", role: "Role", node: "Node" } as const;

/** Value of the Role tag of the cluster's one service address. */
export const serviceAddressRole = "service-address";

/** SSM parameters of a cluster. A node may read its role's folder only; nobody but operators reads `operator`. */
export function secretPath(cluster: string, folder: "registry" | "proxy" | "operator", key = ""): string {
  return `/registry-cluster/${cluster}/${folder}${key && `/${key}`}`;
}

/** The bucket from which nodes fetch their configuration. */
export function provisioningBucketName(storage: { bucket: string; provisioningBucket?: string }): string {
  return storage.provisioningBucket ?? `${storage.bucket}-provisioning`;
}

/** Keys in the provisioning bucket. */
export const provisioningKeys = {
  /** Names the current bundle; the only object that is ever overwritten. */
  pointer: "current.yml",
  bundle: (sha256: string) => `bundles/${sha256}.tar`,
  image: (sha256: string) => `images/${sha256}.tar`,
} as const;
