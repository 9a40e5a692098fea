import type { AwsErrorKind } from "../../access/explain-aws-error.ts";

/** Why a question was not answered. */
export interface Refusal {
  readonly kind: AwsErrorKind | "other";
  /** What AWS said. */
  readonly words: string;
}

/** What was asked, or why there is no answer. */
export type Answer<Value> = { readonly value: Value } | { readonly refusal: Refusal };

/** Who the credentials belong to. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** An AMI. */
export interface Image {
  /** `available`, `pending`, `deregistered`, ... */
  readonly state: string;
  /** `x86_64`, `arm64`, ... */
  readonly architecture: string;
}

/** How much of a quota the account uses in the region. */
export interface Usage {
  readonly limit: number;
  readonly inUse: number;
  /** Part of it that the cluster uses. */
  readonly ofCluster: number;
}

/** Elastic IPs. */
export interface ElasticIps extends Omit<Usage, "limit"> {
  /** Undefined when AWS does not say. */
  readonly limit?: number;
}

/** Virtual CPUs of on-demand instances of the standard families. */
export interface Vcpus extends Usage {
  /** How many an instance has, by type; for the types of the config. */
  readonly byType: ReadonlyMap<string, number>;
}

/** Who has a bucket of a given name. `hidden`: somebody else, or a bucket that these credentials may not see. */
export type BucketOwner = "nobody" | "us" | "hidden" | { readonly inRegion: string };

/** What is in S3 at the state's place. */
export interface RemoteState {
  readonly bucket: Answer<BucketOwner>;
  /** Undefined if the bucket cannot be read. */
  readonly isThere?: Answer<boolean>;
}

/** AWS's answers about the account and the region. */
export interface AccountFacts {
  /** Names of the availability zones that can be used. */
  readonly zones: Answer<readonly string[]>;
  /** By id; those that do not exist are absent. */
  readonly images: Answer<ReadonlyMap<string, Image>>;
  /** Zones that offer an instance type, by type. */
  readonly offerings: Answer<ReadonlyMap<string, readonly string[]>>;
  readonly elasticIps: Answer<ElasticIps>;
  readonly vcpus: Answer<Vcpus>;
  readonly vpcs: Answer<Usage>;
  /** Roles and instance profiles that exist, of those that the cluster would create. */
  readonly roles: Answer<readonly string[]>;
  /** Whether the account has an EC2 key pair of the cluster's name. */
  readonly hasKeyPair: Answer<boolean>;
  readonly registryBucket: Answer<BucketOwner>;
  readonly provisioningBucket: Answer<BucketOwner>;
  /** Paths of the secrets that exist. */
  readonly secrets: Answer<readonly string[]>;
  /** Undefined when the state is a local file. */
  readonly remoteState?: RemoteState;
}

/** A file that is built on this machine. */
export interface Archive {
  /** `registry image` or `BuildKit`. */
  readonly name: string;
  readonly path: string;
  readonly exists: boolean;
}

/** Everything that the checks judge. */
export interface Facts {
  readonly identity: Answer<Identity>;
  /** Whether the credentials are refused in the config's region, but not elsewhere. */
  readonly isRegionDisabled: boolean;
  /** Undefined if AWS refuses these credentials. */
  readonly account?: AccountFacts;
  /** The files that the deployment uploads. */
  readonly archives: readonly Archive[];
  /** Whether the local state file has resources. */
  readonly hasLocalState: boolean;
}
