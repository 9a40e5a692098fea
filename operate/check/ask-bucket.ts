import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { BucketSettings } from "./facts.ts";

/** @returns undefined if there is no such bucket */
export async function askBucket(s3: S3Client, bucket: string): Promise<BucketSettings | undefined> {
  try {
    return await askSettings(s3, bucket);
  } catch (error) {
    if ((error as Error).name === "NoSuchBucket") return undefined;
    throw error;
  }
}

async function askSettings(s3: S3Client, bucket: string): Promise<BucketSettings> {
  const Bucket = bucket;
  const [versioning, encryption, access, lifecycle] = await Promise.all([
    s3.send(new GetBucketVersioningCommand({ Bucket })),
    ifSet(() => s3.send(new GetBucketEncryptionCommand({ Bucket }))),
    ifSet(() => s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    ifSet(() => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
  ]);
  const byDefault = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  const blocked = access?.PublicAccessBlockConfiguration;
  const forAll = lifecycle?.Rules?.find(isForAllOldVersions);
  return {
    versioning: versioning.Status,
    encryption: byDefault?.SSEAlgorithm,
    kmsKey: byDefault?.KMSMasterKeyID,
    isPublicAccessBlocked: [
      blocked?.BlockPublicAcls,
      blocked?.BlockPublicPolicy,
      blocked?.IgnorePublicAcls,
      blocked?.RestrictPublicBuckets,
    ].every(Boolean),
    restorableDays: forAll?.NoncurrentVersionExpiration?.NoncurrentDays,
  };
}

function isForAllOldVersions({ Status, Filter, Prefix, NoncurrentVersionExpiration }: LifecycleRule): boolean {
  const { Prefix: prefix = Prefix ?? "", ...others } = Filter ?? {};
  return Status === "Enabled" && !prefix && Object.keys(others).length === 0 && Boolean(NoncurrentVersionExpiration);
}

/** S3's words for settings that were never made. */
const notSet =
  /^(ServerSideEncryptionConfigurationNotFoundError|NoSuchPublicAccessBlockConfiguration|NoSuchLifecycleConfiguration)$/;

async function ifSet<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (notSet.test((error as Error).name)) return undefined;
    throw error;
  }
}
