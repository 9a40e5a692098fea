import { provisioningKeys, secretPath } from "../config/names.ts";
import { convergeScriptKey } from "../templates/user-data.ts";
import type { Account } from "./account.ts";
import type { ClusterInstance } from "./cluster-instance.ts";
import type { Permission } from "./node-role.ts";
import type { PrivateBucket } from "./private-bucket.ts";
import type { ServiceAddress } from "./service-address.ts";

/** Fetch the current bundle and what unpacks it. Nothing is listed: the pointer says what there is. */
export function readBundle(bucket: PrivateBucket): Permission[] {
  const keys = [convergeScriptKey, provisioningKeys.pointer, provisioningKeys.bundle("*")];
  return [readObjects("ReadBundle", bucket, keys), ...decrypt("DecryptBundle", bucket)];
}

/** Fetch the registry's image. The key of its encryption is the bundle's. */
export function readImage(bucket: PrivateBucket): Permission[] {
  return [readObjects("ReadImage", bucket, [provisioningKeys.image("*")])];
}

/**
 * Read the secrets of one role. SecureStrings are decrypted by AWS's own key for SSM,
 * whose policy admits everyone in the account who may read the parameter: nothing to grant for KMS.
 */
export function readSecrets(account: Account, cluster: string, folder: "registry" | "proxy"): Permission[] {
  const path = secretPath(cluster, folder);
  return [
    {
      sid: "ReadSecrets",
      actions: ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
      resources: [account.arn("ssm", `parameter${path}`), account.arn("ssm", `parameter${path}/*`)],
    },
  ];
}

/** What the registry's S3 driver calls, on its own folder; calls on a bucket cannot be confined to one. */
export function storeImages(bucket: PrivateBucket, prefix: string): Permission[] {
  return [
    {
      sid: "ListStorage",
      actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
      resources: [bucket.bucket.arn],
    },
    {
      sid: "UseStorage",
      actions: [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      resources: [`${bucket.bucket.arn}${prefix}/*`],
    },
    ...(bucket.kmsKeyArn
      ? [{ sid: "EncryptStorage", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [bucket.kmsKeyArn] }]
      : []),
  ];
}

/** Give the service address to one of these instances, and see who has it. */
export function moveServiceAddress(
  account: Account,
  address: ServiceAddress,
  holders: readonly ClusterInstance[],
): Permission[] {
  return [
    {
      sid: "MoveServiceAddress",
      actions: ["ec2:AssociateAddress"],
      resources: [
        address.eip.arn,
        // EC2 asks for the right to both, the instance and its interface
        ...holders.map(({ instance }) => instance.arn),
        ...holders.map(({ instance }) => account.arn("ec2", `network-interface/${instance.primaryNetworkInterfaceId}`)),
      ],
    },
    // AWS cannot confine it to one address
    { sid: "SeeServiceAddress", actions: ["ec2:DescribeAddresses"], resources: ["*"] },
  ];
}

function readObjects(sid: string, { bucket }: PrivateBucket, keys: readonly string[]): Permission {
  return { sid, actions: ["s3:GetObject"], resources: keys.map((key) => `${bucket.arn}/${key}`) };
}

function decrypt(sid: string, { kmsKeyArn }: PrivateBucket): Permission[] {
  return kmsKeyArn ? [{ sid, actions: ["kms:Decrypt"], resources: [kmsKeyArn] }] : [];
}
