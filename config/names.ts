import type { ClusterConfig } from "./schema.ts";

/** Names that more than one part of the project must agree on, once. */

/** Tags by which nodes and operators find what belongs to a cluster. */
export const tagKeys = { cluster: "Cluster", role: "Role", node: "Node" } as const;

/** Value of the Role tag of the cluster's one service address. */
export const serviceAddressRole = "service-address";

/** Users of programs that ask AWS for the rights of their node. */
export const users = {
  /** The registry's, in its container; no account of the node. */
  registry: 65532,
  eipKeeper: "eip-keeper",
} as const;

/** Where Terraform keeps a cluster's state in S3. */
export interface StateObject {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  readonly kmsKeyArn?: string;
}

/** @returns where the state is in S3, or undefined when it is a file in the checkout: `stateFile` */
export function stateObject(config: Pick<ClusterConfig, "name" | "region" | "backend">): StateObject | undefined {
  const { s3 } = config.backend;
  if (!s3) return undefined;
  return { ...s3, key: s3.key ?? `registry-cluster/${config.name}.tfstate`, region: s3.region ?? config.region };
}

/** Name of the file in the checkout that holds the state of a cluster without a remote one. */
export function stateFile(cluster: string): string {
  return `terraform.${cluster}.tfstate`;
}

/** Folders of a cluster's SSM parameters. A node may read its role's only; nobody but operators reads `operator`. */
export type SecretFolder = "registry" | "proxy" | "builder" | "operator";

/** An SSM parameter of a cluster, or a folder of them. */
export function secretPath(cluster: string, folder: SecretFolder, key = ""): string {
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
  /** Programs that a role runs and no package has. */
  programs: (sha256: string) => `programs/${sha256}.tar`,
} as const;
