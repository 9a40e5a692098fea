import {
  DescribeAccountAttributesCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  type EC2Client,
  paginateDescribeInstanceTypeOfferings,
} from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import { HeadBucketCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import type { SecretStore } from "../../access/secret-store.ts";
import { stateObject } from "../../config/derived-names.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { secretPath } from "../../topology/names.ts";
import { secretReadersOf } from "../../topology/roles.ts";
import type { Topology } from "../../topology/topology.ts";
import { answerOf, together } from "./answers.ts";
import { askRoles } from "./ask-roles.ts";
import { askVcpus } from "./ask-vcpus.ts";
import { askVpcs } from "./ask-vpcs.ts";
import type { AccountFacts, Answer, BucketOwner, ElasticIps, Identity, Image, RemoteState } from "./facts.ts";
import { isOfCluster } from "./tags.ts";

/** What is needed to ask an account's AWS. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly quotas: ServiceQuotasClient;
  readonly store: SecretStore;
  readonly s3: (region: string) => S3Client;
  readonly sts: (region: string) => STSClient;
}

/** Every account can ask who it is here: this region cannot be disabled. */
const regionOfAllAccounts = "us-east-1";

/** Asks who the credentials belong to. */
export function askIdentity(clients: Clients, region: string): Promise<Answer<Identity>> {
  return answerOf(async () => {
    const { Account = "", Arn = "" } = await clients.sts(region).send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  });
}

/** A region that is not enabled does not know the account's credentials. */
export async function isRegionDisabled(clients: Clients, answer: Answer<Identity>): Promise<boolean> {
  if (!("refusal" in answer) || answer.refusal.kind !== "unknown credentials") return false;
  return "value" in (await askIdentity(clients, regionOfAllAccounts));
}

/** Asks everything about the account and its region, at the same time. Changes nothing. */
export async function askAccount(clients: Clients, topology: Topology, account: string): Promise<AccountFacts> {
  const { config, nodes, provisioningBucket } = topology;
  const { ec2, iam, quotas, store } = clients;
  const s3 = clients.s3(config.region);
  const owner = (bucket: string) => answerOf(() => askOwner(s3, config.region, bucket, account));
  const types = [...new Set(nodes.map(({ instanceType }) => instanceType))];
  return together<AccountFacts>({
    zones: answerOf(() => askZones(ec2)),
    images: answerOf(() => askImages(ec2, [...new Set(nodes.map(({ ami }) => ami))])),
    offerings: answerOf(() => askOfferings(ec2, types)),
    elasticIps: answerOf(() => askElasticIps(ec2, config.name)),
    vcpus: answerOf(() => askVcpus(ec2, quotas, config.name, types)),
    vpcs: answerOf(() => askVpcs(ec2, quotas, config.name)),
    roles: answerOf(() => askRoles(iam, config)),
    hasKeyPair: answerOf(() => askKeyPair(ec2, config.name)),
    registryBucket: owner(config.storage.bucket),
    provisioningBucket: owner(provisioningBucket),
    secrets: answerOf(() => askSecrets(store, config)),
    remoteState: askRemoteState(clients, topology, account),
  });
}

async function askZones(ec2: EC2Client): Promise<string[]> {
  const { AvailabilityZones = [] } = await ec2.send(
    new DescribeAvailabilityZonesCommand({ Filters: [{ Name: "state", Values: ["available"] }] }),
  );
  return AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? []);
}

/** Uses a filter: if asked by ids, AWS would refuse all for one that does not exist. */
async function askImages(ec2: EC2Client, amis: readonly string[]): Promise<Map<string, Image>> {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ Filters: [{ Name: "image-id", Values: [...amis] }], IncludeDeprecated: true }),
  );
  return new Map(
    Images.map(({ ImageId = "", State = "", Architecture = "" }) => [
      ImageId,
      { state: State, architecture: Architecture },
    ]),
  );
}

async function askOfferings(ec2: EC2Client, types: readonly string[]): Promise<Map<string, string[]>> {
  const zones = new Map<string, string[]>();
  const pages = paginateDescribeInstanceTypeOfferings(
    { client: ec2 },
    { LocationType: "availability-zone", Filters: [{ Name: "instance-type", Values: [...types] }] },
  );
  for await (const { InstanceTypeOfferings = [] } of pages) {
    for (const { InstanceType = "", Location = "" } of InstanceTypeOfferings) {
      zones.set(InstanceType, [...(zones.get(InstanceType) ?? []), Location].sort());
    }
  }
  return zones;
}

async function askElasticIps(ec2: EC2Client, cluster: string): Promise<ElasticIps> {
  const attribute = "vpc-max-elastic-ips";
  const [{ Addresses = [] }, { AccountAttributes = [] }] = await Promise.all([
    ec2.send(new DescribeAddressesCommand({})),
    // the SDK's types have fewer names than the API
    ec2.send(new DescribeAccountAttributesCommand({})),
  ]);
  const limit = AccountAttributes.find(({ AttributeName }) => AttributeName === attribute)?.AttributeValues?.[0];
  return {
    limit: limit?.AttributeValue === undefined ? undefined : Number(limit.AttributeValue),
    inUse: Addresses.length,
    ofCluster: Addresses.filter(({ Tags }) => isOfCluster(Tags, cluster)).length,
  };
}

async function askKeyPair(ec2: EC2Client, name: string): Promise<boolean> {
  const { KeyPairs = [] } = await ec2.send(
    new DescribeKeyPairsCommand({ Filters: [{ Name: "key-name", Values: [name] }] }),
  );
  return KeyPairs.length > 0;
}

/** @returns paths of the secrets that the nodes read, as far as they exist */
export async function askSecrets(store: SecretStore, config: ClusterConfig): Promise<string[]> {
  const folders = secretReadersOf(config).map((role) => secretPath(config.name, role));
  return (await Promise.all(folders.map((folder) => store.list(folder)))).flat();
}

async function askRemoteState(
  clients: Clients,
  { config }: Topology,
  account: string,
): Promise<RemoteState | undefined> {
  const state = stateObject(config);
  if (!state) return undefined;
  const s3 = clients.s3(state.region);
  const bucket = await answerOf(() => askOwner(s3, state.region, state.bucket, account));
  const isOurs = "value" in bucket && bucket.value === "us";
  return {
    bucket,
    isThere: isOurs ? await answerOf(() => askObject(s3, state.bucket, state.key)) : undefined,
  };
}

/** HEAD has no body, so only the status tells why S3 refuses. */
async function askOwner(s3: S3Client, region: string, bucket: string, owner: string): Promise<BucketOwner> {
  try {
    const { BucketRegion = region } = await s3.send(
      new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: owner }),
    );
    return BucketRegion === region ? "us" : { inRegion: BucketRegion };
  } catch (error) {
    const { status, inRegion = region } = responseOf(error);
    if (status === 404) return "nobody";
    if (inRegion !== region && (status === 301 || status === 400)) return { inRegion };
    if (status === 403) return "hidden";
    throw error;
  }
}

async function askObject(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if (responseOf(error).status === 404) return false;
    throw error;
  }
}

function responseOf(error: unknown): { status?: number; inRegion?: string } {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string> };
  };
  return { status: $metadata?.httpStatusCode, inRegion: $response?.headers?.["x-amz-bucket-region"] };
}
