import { join, relative } from "node:path";
import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import { stateFile, stateObject } from "../config/derived-names.ts";
import type { ClusterConfig } from "../config/schema.ts";

/**
 * Configures where Terraform keeps a stack's state: in S3, encrypted and locked, or in a file in the checkout.
 *
 * @param outdir - folder of all stacks
 */
export function configureBackend(stack: TerraformStack, config: ClusterConfig, outdir: string): void {
  const state = stateObject(config);
  if (!state) {
    // relative to the stack's folder, in which Terraform runs; cdktf's default is an absolute path, different on every machine
    new LocalBackend(stack, { path: relative(stackFolder(outdir, config.name), stateFile(config.name)) });
    return;
  }
  const { bucket, key, region, kmsKeyArn } = state;
  new S3Backend(stack, { bucket, key, region, encrypt: true, kmsKeyId: kmsKeyArn });
  // a lock file in S3 itself: cdktf's bindings only support the older lock table in DynamoDB
  stack.addOverride("terraform.backend.s3.use_lockfile", true);
  stack.addOverride("terraform.required_version", ">= 1.10.0");
}

/** The folder in which Terraform runs. */
export function stackFolder(outdir: string, stack: string): string {
  return join(outdir, "stacks", stack);
}
