import type { ClusterConfig } from "../config/schema.ts";
import { provisioningKeys, secretPath } from "../topology/names.ts";
import type { ProvisionedArchive, Right, Role } from "../topology/roles.ts";
import type { ClusterNode } from "../topology/topology.ts";
import type { Account } from "./account.ts";
import type { ClusterInstance } from "./cluster-instance.ts";
import type { Permission } from "./policy-document.ts";
import type { PrivateBucket } from "./private-bucket.ts";
import type { ServiceAddress } from "./service-address.ts";

/**
 * Permitted actions that a healthy, busy cluster may not use for days, each with when it is used. All other actions are used every
 * day.
 */
export const seldomCalled: Readonly<Record<string, string>> = {
  "ec2:AssociateAddress": "when a proxy becomes the master: at its first boot and at a failover",
  "s3:ListBucket": "by nodes other than registries, when there is a new bundle: to see how far the others are",
  "s3:AbortMultipartUpload": "when a client gives up an upload, or S3 cannot complete it",
  "kms:Decrypt": "with storage.kmsKeyArn only, and then by S3 in the node's name",
  "kms:GenerateDataKey": "with storage.kmsKeyArn only, and then by S3 in the node's name",
};

/** Fetch the current bundle and the script that unpacks it. Needs no right to list: the pointer names the bundle. */
export function readBundle(bucket: PrivateBucket): Permission[] {
  const keys = [provisioningKeys.convergeScript, provisioningKeys.pointer, provisioningKeys.bundle("*")];
  return [readObjects("ReadBundle", bucket, keys), ...useKey("DecryptBundle", bucket, ["kms:Decrypt"])];
}

/** Read the reports of all nodes, and what the operator wants. Without the right to list, S3 answers 403 for a report that is not there. */
export function readRollout(bucket: PrivateBucket): Permission[] {
  const { rollout } = provisioningKeys;
  const list: Permission = {
    sid: "ListRollout",
    actions: ["s3:ListBucket"],
    resources: [bucket.bucket.arn],
    condition: { StringEquals: { "s3:prefix": rollout } },
  };
  return [list, readObjects("ReadRollout", bucket, [`${rollout}*`])];
}

/** Write one's own reports only. Nodes of a role share their IAM role, so they are told apart by their addresses. */
export function writeReports(bucket: PrivateBucket, nodes: readonly ClusterNode[]): Permission[] {
  const own = nodes.map(({ name, privateIp }) => ({
    sid: `WriteReportOf${name.replaceAll("-", "")}`,
    actions: ["s3:PutObject"],
    resources: [provisioningKeys.report(name), provisioningKeys.upgradeReport(name)].map(
      (key) => `${bucket.bucket.arn}/${key}`,
    ),
    condition: { IpAddress: { "aws:VpcSourceIp": `${privateIp}/32` } },
  }));
  return [...own, ...useKey("EncryptReport", bucket, ["kms:GenerateDataKey"])];
}

const archiveSids: Readonly<Record<ProvisionedArchive, string>> = { image: "ReadImage", programs: "ReadPrograms" };

/** Fetch archives. They are encrypted with the same key as the bundle. */
export function readArchives(bucket: PrivateBucket, archives: readonly ProvisionedArchive[]): Permission[] {
  return archives.map((archive) => readObjects(archiveSids[archive], bucket, [provisioningKeys[archive]("*")]));
}

/**
 * Read the secrets of one role. SecureStrings are encrypted with AWS's own key for SSM, whose policy lets everyone in the account
 * who may read the parameter decrypt it, so there is nothing to grant for KMS.
 */
export function readSecrets(account: Account, cluster: string, folder: Role): Permission[] {
  return [
    {
      sid: "ReadSecrets",
      // the permission is checked on the folder itself, not on the parameters in it
      actions: ["ssm:GetParametersByPath"],
      resources: [account.arn("ssm", `parameter${secretPath(cluster, folder)}`)],
    },
  ];
}

/** What is needed to derive the permissions of a role. */
export interface RightsContext {
  readonly config: ClusterConfig;
  readonly registryBucket: PrivateBucket;
}

/** The AWS permissions of each right in `topology/roles.ts`. */
export const rightsOf: Readonly<Record<Right, (context: RightsContext) => Permission[]>> = {
  storage: ({ registryBucket, config }) => storeImages(registryBucket, config.storage.prefix),
  "service-address": () => seeAddresses(),
};

/** What the registry's S3 driver calls, on objects in its own folder and on the whole bucket, which holds nothing else. */
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

/** Associate the service address with one instance. */
export function takeServiceAddress(
  account: Account,
  { eip }: ServiceAddress,
  { instance }: ClusterInstance,
): Permission[] {
  return [
    {
      sid: "TakeServiceAddress",
      actions: ["ec2:AssociateAddress"],
      // EC2 requires the permission on all three
      resources: [eip.arn, instance.arn, account.arn("ec2", `network-interface/${instance.primaryNetworkInterfaceId}`)],
    },
  ];
}

/** See who has the service address. AWS cannot limit this to one address. */
export function seeAddresses(): Permission[] {
  return [{ sid: "SeeAddresses", actions: ["ec2:DescribeAddresses"], resources: ["*"] }];
}

function readObjects(sid: string, { bucket }: PrivateBucket, keys: readonly string[]): Permission {
  return { sid, actions: ["s3:GetObject"], resources: keys.map((key) => `${bucket.arn}/${key}`) };
}

/** Only through S3 and only for this bucket, because the key may also encrypt things that nodes must not read. */
function useKey(sid: string, { bucket, kmsKeyArn }: PrivateBucket, actions: readonly string[]): Permission[] {
  if (!kmsKeyArn) return [];
  const condition = {
    StringEquals: { "kms:ViaService": `s3.${kmsKeyArn.split(":")[3]}.amazonaws.com` },
    // S3 passes the bucket's ARN if it has a bucket key, else the object's
    StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucket.arn, `${bucket.arn}/*`] },
  };
  return [{ sid, actions, resources: [kmsKeyArn], condition }];
}
