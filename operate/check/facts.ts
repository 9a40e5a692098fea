import type { Answer, Identity, Vcpus } from "../preflight/facts.ts";

/** The cluster's service address. */
export interface Address {
  readonly publicIp: string;
  readonly allocationId: string;
  /** The instance that has it. */
  readonly instanceId?: string;
}

/** A machine of the cluster that is not terminated. */
export interface Machine {
  /** From its tags. */
  readonly node: string;
  /** From its tags. */
  readonly role: string;
  readonly instanceId: string;
  readonly interfaceId: string;
  readonly vpcId: string;
  /** `running`, `stopped`, ... */
  readonly state: string;
}

/** AWS's checks of a running instance: `ok`, `initializing`, `impaired`, ... */
export interface StatusChecks {
  readonly system: string;
  readonly instance: string;
}

/** Whether AWS would accept a call. */
export type DryRun = "accepted" | "forbidden";

export interface FlowLog {
  /** `ACTIVE` */
  readonly status: string;
  /** `SUCCESS` or `FAILED`; undefined in the first minutes. */
  readonly delivery?: string;
  readonly error?: string;
}

/** Settings of a bucket. Those that were never made are undefined. */
export interface BucketSettings {
  readonly versioning?: string;
  /** `AES256` or `aws:kms`. */
  readonly encryption?: string;
  readonly kmsKey?: string;
  readonly isPublicAccessBlocked: boolean;
  /** Days after which old versions of any object are removed. */
  readonly restorableDays?: number;
}

/** Of an answer in HTTP. */
export type Status = number | "no answer";

/** What the registry says at the service address. */
export interface RegistryFacts {
  readonly place: string;
  readonly certificate: TlsFacts;
  /** Status of `/v2/` without a login. Undefined if TLS failed. */
  readonly anonymous?: Status;
  /** Status of `/v2/` with the login. Undefined if none was given, or TLS failed. */
  readonly withLogin?: Status;
}

/** The server's certificate, or why it was not accepted. */
export type TlsFacts = { readonly validTo: Date } | { readonly refusal: string };

/** Everything that the checks judge. */
export interface ClusterFacts {
  readonly now: Date;
  readonly identity: Identity;
  readonly address: Answer<Address | undefined>;
  readonly machines: Answer<readonly Machine[]>;
  /** By instance id; running instances only. */
  readonly statuses: Answer<ReadonlyMap<string, StatusChecks>>;
  /** Of AssociateAddress. Undefined without an address, or without a proxy. */
  readonly dryRun?: Answer<DryRun>;
  readonly flowLogs: Answer<readonly FlowLog[]>;
  /** By name. */
  readonly buckets: Readonly<Record<string, Answer<BucketSettings | undefined>>>;
  readonly vcpus: Answer<Vcpus>;
  /** Paths of those that exist. */
  readonly secrets: Answer<readonly string[]>;
  /** Undefined if it is unknown where the registry is. A refusal: the CA certificate could not be read. */
  readonly registry?: Answer<RegistryFacts>;
}
