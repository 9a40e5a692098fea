import type { ClusterConfig } from "../config/schema.ts";
import { provisioningKeys, secretPath } from "../topology/names.ts";
import type { ProvisionedArchive, Right, Role } from "../topology/roles.ts";
import type { Account } from "./account.ts";
import type { ClusterInstance } from "./cluster-instance.ts";
import type { Permission } from "./policy-document.ts";
import type { PrivateBucket } from "./private-bucket.ts";
import type { ServiceAddress } from "./service-address.ts";

/**
 * Actions that a node may call although a healthy cluster that is pushed to and pulled from may go for days without them:
 * when they are called. All others are called every day.
 */
export const seldomCalled: Readonly<Record<string, string>> = {
  "ec2:AssociateAddress": "when a proxy becomes the master: at its first boot and at a failover",
  "s3:AbortMultipartUpload": "when a client gives up an upload, or S3 cannot complete it",
  "kms:Decrypt": "with storage.kmsKeyArn only, and then by S3 in the node's name",
  "kms:GenerateDataKey": "with storage.kmsKeyArn only, and then by S3 in the node's name",
};

/** Fetch the current bundle and what unpacks it. Nothing is listed: the pointer says what there is. */
export function readBundle(bucket: PrivateBucket): Permission[] {
  const keys = [provisioningKeys.convergeScript, provisioningKeys.pointer, provisioningKeys.bundle("*")];
  return [readObjects("ReadBundle", bucket, keys), ...useKey("DecryptBundle", bucket, ["kms:Decrypt"])];
}

const archiveSids: Readonly<Record<ProvisionedArchive, string>> = { image: "ReadImage", programs: "ReadPrograms" };

/** Fetch archives. The key of their encryption is the bundle's. */
export function readArchives(bucket: PrivateBucket, archives: readonly ProvisionedArchive[]): Permission[] {
  return archives.map((archive) => readObjects(archiveSids[archive], bucket, [provisioningKeys[archive]("*")]));
}

/**
 * Read the secrets of one role. SecureStrings are decrypted by AWS's own key for SSM,
 * whose policy admits everyone in the account who may read the parameter: nothing to grant for KMS.
 */
export function readSecrets(account: Account, cluster: string, folder: Role): Permission[] {
  return [
    {
      sid: "ReadSecrets",
      // asked of the folder itself, not of what is in it
      actions: ["ssm:GetParametersByPath"],
      resources: [account.arn("ssm", `parameter${secretPath(cluster, folder)}`)],
    },
  ];
}

/** What is at hand to spell out the rights of a role. */
export interface RightsContext {
  readonly config: ClusterConfig;
  readonly registryBucket: PrivateBucket;
}

/** What each right of `topology/roles.ts` means to AWS. */
export const rightsOf: Readonly<Record<Right, (context: RightsContext) => Permission[]>> = {
  storage: ({ registryBucket, config }) => storeImages(registryBucket, config.storage.prefix),
  "service-address": () => seeAddresses(),
};

/** What the registry's S3 driver calls: on objects in its own folder, and on the bucket, which has no other. */
function storeImages(bucket: PrivateBucket, prefix: string): Permission[] {
  return [
    {
      sid: "ListStorage",
      actions: ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
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
    ...useKey("EncryptStorage", bucket, ["kms:Decrypt", "kms:GenerateDataKey"]),
  ];
}

/** Give the service address to one instance. */
export function takeServiceAddress(
  account: Account,
  { eip }: ServiceAddress,
  { instance }: ClusterInstance,
): Permission[] {
  return [
    {
      sid: "TakeServiceAddress",
      actions: ["ec2:AssociateAddress"],
      // EC2 asks for the right to all three
      resources: [eip.arn, instance.arn, account.arn("ec2", `network-interface/${instance.primaryNetworkInterfaceId}`)],
    },
  ];
}

/** See who has the service address. AWS cannot confine it to one address. */
export function seeAddresses(): Permission[] {
  return [{ sid: "SeeAddresses", actions: ["ec2:DescribeAddresses"], resources: ["*"] }];
}

function readObjects(sid: string, { bucket }: PrivateBucket, keys: readonly string[]): Permission {
  return { sid, actions: ["s3:GetObject"], resources: keys.map((key) => `${bucket.arn}/${key}`) };
}

/** Through S3 only, and for this bucket only: the key may encrypt other things too, which are none of a node's business. */
function useKey(sid: string, { bucket, kmsKeyArn }: PrivateBucket, actions: readonly string[]): Permission[] {
  if (!kmsKeyArn) return [];
  const condition = {
    StringEquals: { "kms:ViaService": `s3.${kmsKeyArn.split(":")[3]}.amazonaws.com` },
    // S3 names the bucket where it has a bucket key, else the object
    StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucket.arn, `${bucket.arn}/*`] },
  };
  return [{ sid, actions, resources: [kmsKeyArn], condition }];
}
