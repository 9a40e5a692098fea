import { describe, expect, it } from "vitest";
import { configWith, type Json, plan, resources } from "./fixture.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

describe.each(["registry_bucket", "provisioning_bucket"])("%s", (logicalId) => {
  const example = plan();
  const withKms = plan(configWith({ storage: { kmsKeyArn } }));
  const bucketId = `\${aws_s3_bucket.${logicalId}.id}`;
  const setting = (type: string, from = example): Json => {
    const found = Object.values(resources(from, type)).filter((resource) => resource.bucket === bucketId);
    expect(found).toHaveLength(1);
    return found[0];
  };

  it("is never deleted by Terraform", () => {
    expect(resources(example, "aws_s3_bucket")[logicalId].lifecycle).toEqual({ prevent_destroy: true });
  });

  it("encrypts with S3's keys", () => {
    expect(setting("aws_s3_bucket_server_side_encryption_configuration").rule).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" }, bucket_key_enabled: false },
    ]);
  });

  it("encrypts with the KMS key of the config", () => {
    expect(setting("aws_s3_bucket_server_side_encryption_configuration", withKms).rule).toEqual([
      {
        apply_server_side_encryption_by_default: { sse_algorithm: "aws:kms", kms_master_key_id: kmsKeyArn },
        bucket_key_enabled: true,
      },
    ]);
  });

  it("keeps old versions", () => {
    expect(setting("aws_s3_bucket_versioning").versioning_configuration).toEqual({ status: "Enabled" });
  });

  it("drops old versions after 30 days and abandoned uploads after 7", () => {
    const [rule] = setting("aws_s3_bucket_lifecycle_configuration").rule;
    expect(rule).toEqual({
      id: "expire-leftovers",
      status: "Enabled",
      filter: [{ prefix: "" }],
      abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      noncurrent_version_expiration: [{ noncurrent_days: 30 }],
      expiration: [{ expired_object_delete_marker: true }],
    });
  });

  it("keeps old versions for as long as the config says", () => {
    const week = plan(configWith({ storage: { restorableDays: 7 } }));
    const [rule] = setting("aws_s3_bucket_lifecycle_configuration", week).rule;
    expect(rule.noncurrent_version_expiration).toEqual([{ noncurrent_days: 7 }]);
  });

  it("can never be public", () => {
    expect(setting("aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(setting("aws_s3_bucket_ownership_controls").rule).toEqual({ object_ownership: "BucketOwnerEnforced" });
  });

  it("refuses everything that does not come over TLS", () => {
    expect(JSON.parse(setting("aws_s3_bucket_policy").policy).Statement).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`\${aws_s3_bucket.${logicalId}.arn}`, `\${aws_s3_bucket.${logicalId}.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });
});

it("there are two buckets, with the names of the config and Terraform names that never change", () => {
  const names = Object.entries(resources(plan(), "aws_s3_bucket")).map(([id, { bucket }]) => [id, bucket]);
  expect(Object.fromEntries(names)).toEqual({
    registry_bucket: "registry-example-internal",
    provisioning_bucket: "registry-example-internal-provisioning",
  });
});

describe("an upload that the registry has moved to its place", () => {
  const rulesOf = (logicalId: string, storage = {}): Json[] =>
    Object.values<Json>(resources(plan(configWith({ storage })), "aws_s3_bucket_lifecycle_configuration")).find(
      ({ bucket }) => bucket === `\${aws_s3_bucket.${logicalId}.id}`,
    ).rule;

  it("is kept for one day, unlike the small files beside it", () => {
    expect(rulesOf("registry_bucket", { prefix: "/images/all" }).slice(1)).toEqual([
      {
        id: "expire-moved-uploads",
        status: "Enabled",
        filter: [{ and: [{ prefix: "images/all/docker/registry/v2/repositories/", object_size_greater_than: 1024 }] }],
        noncurrent_version_expiration: [{ noncurrent_days: 1 }],
      },
    ]);
  });

  it("is in the registry's bucket only", () => {
    expect(rulesOf("provisioning_bucket")).toHaveLength(1);
  });
});
