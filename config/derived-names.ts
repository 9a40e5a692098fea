import type { ClusterConfig } from "./schema.ts";

/** Names that are derived from a config, and names that it may not use. */

/** Tags by which nodes and operators find what belongs to a cluster. */
export const tagKeys = { cluster: "Cluster", role: "Role", node: "Node" } as const;

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

/** The bucket from which nodes fetch their configuration. */
export function provisioningBucketName(storage: { bucket: string; provisioningBucket?: string }): string {
  return storage.provisioningBucket ?? `${storage.bucket}-provisioning`;
}
