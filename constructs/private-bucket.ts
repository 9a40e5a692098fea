import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type Skips, skipChecks } from "./scanner-skip.ts";

/** The smallest number that S3 accepts. */
const movedUploadDays = 1;
/** The registry's own files beside the uploads are smaller: digests, and states of hashes. */
const smallFileBytes = 1024;
/** Days after which the parts of an unfinished upload are removed. */
const abandonedUploadDays = 7;

const neverDone: Skips = {
  CKV_AWS_18:
    "Who pushed and pulled what is in the registry's own log, by user; S3 would know the nodes' roles only, and would need a " +
    "third bucket that grows with every request.",
  CKV_AWS_144:
    "A copy in another region doubles the cost of storage and pays for the way there. S3 keeps each object in three zones, " +
    "and old versions for storage.restorableDays.",
  CKV2_AWS_62: "Nothing waits for objects: nodes fetch the pointer by a timer, and the registry knows what it stored.",
};
const doneWithKey: Skips = {
  CKV_AWS_145:
    "S3's own keys encrypt at no cost. A KMS key, about 1 USD a month and its requests, is used when storage.kmsKeyArn names one.",
};

export interface PrivateBucketProps {
  readonly bucketName: string;
  /** Terraform's name of the bucket. Fixed, because renaming constructs must not replace a bucket. */
  readonly logicalId: string;
  /** For how many days an overwritten or deleted object can be restored. */
  readonly restorableDays: number;
  /**
   * Folder in which the registry collects uploads. It moves each to its place by copying and deleting it, and the bucket
   * keeps what is deleted: without a rule of its own, every layer would be stored twice for `restorableDays`.
   * @default - there are no uploads
   */
  readonly uploadsFolder?: string;
  /**
   * KMS key that encrypts the objects.
   * @default - keys managed by S3 (AES256)
   */
  readonly kmsKeyArn?: string;
}

/** An encrypted, versioned bucket that only this account can access, and only over TLS. Terraform never deletes it. */
export class PrivateBucket extends Construct {
  readonly bucket: S3Bucket;
  readonly kmsKeyArn?: string;
  /** Settings that must be in place before the first object is stored. */
  readonly settings: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    this.kmsKeyArn = props.kmsKeyArn;
    this.bucket = new S3Bucket(this, "bucket", { bucket: props.bucketName, lifecycle: { preventDestroy: true } });
    this.bucket.overrideLogicalId(props.logicalId);
    skipChecks(this.bucket, { ...neverDone, ...(props.kmsKeyArn ? {} : doneWithKey) });

    const versioning = this.createVersioning();
    this.createExpiry(versioning, props);
    this.settings = [versioning, this.createEncryption(), this.createAccess()];
  }

  private createVersioning(): S3BucketVersioningA {
    return new S3BucketVersioningA(this, "versioning", {
      bucket: this.bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
  }

  private createEncryption(): S3BucketServerSideEncryptionConfigurationA {
    const applyServerSideEncryptionByDefault = this.kmsKeyArn
      ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: this.kmsKeyArn }
      : { sseAlgorithm: "AES256" };
    return new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket: this.bucket.id,
      // a bucket key saves most of the requests to KMS; without KMS it has no effect
      rule: [{ applyServerSideEncryptionByDefault, bucketKeyEnabled: this.kmsKeyArn !== undefined }],
    });
  }

  private createExpiry(versioning: S3BucketVersioningA, { restorableDays, uploadsFolder }: PrivateBucketProps): void {
    new S3BucketLifecycleConfiguration(this, "expiry", {
      bucket: this.bucket.id,
      rule: [
        {
          id: "expire-leftovers",
          status: "Enabled",
          filter: [{ prefix: "" }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: abandonedUploadDays }],
          noncurrentVersionExpiration: [{ noncurrentDays: restorableDays }],
          expiration: [{ expiredObjectDeleteMarker: true }],
        },
        ...(uploadsFolder === undefined ? [] : [expireMovedUploads(uploadsFolder)]),
      ],
      dependsOn: [versioning],
    });
  }

  /** Applied one after the other, because S3 refuses concurrent changes of a bucket's access settings. */
  private createAccess(): ITerraformDependable {
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "public-access-block", {
      bucket: this.bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const ownership = new S3BucketOwnershipControls(this, "ownership", {
      bucket: this.bucket.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
      dependsOn: [publicAccessBlock],
    });
    return new S3BucketPolicy(this, "policy", {
      bucket: this.bucket.id,
      policy: JSON.stringify(tlsOnly(this.bucket.arn)),
      dependsOn: [ownership],
    });
  }
}

function expireMovedUploads(folder: string) {
  return {
    id: "expire-moved-uploads",
    status: "Enabled",
    filter: [{ and: [{ prefix: `${folder}/`, objectSizeGreaterThan: smallFileBytes }] }],
    noncurrentVersionExpiration: [{ noncurrentDays: movedUploadDays }],
  };
}

function tlsOnly(bucketArn: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
