import { provisioningBucketName, stateObject } from "./derived-names.ts";
import type { ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import type { ClusterConfig } from "./schema.ts";

/** A config and its file. */
export interface ConfigOfFile {
  readonly path: string;
  readonly config: ClusterConfig;
}

/** Something that no two clusters may share. */
interface Claim {
  /** What is claimed. */
  readonly thing: string;
  /** Where the config says so. */
  readonly path: string;
  readonly value: string;
  /** Derived from another value: a clash of that value is reported instead. */
  readonly isDerived?: boolean;
  readonly clash: (path: string, value: string, otherFile: string) => ConfigFault;
}

/** @returns the files that claim what an earlier file has claimed already, with one fault for each such claim */
export function clashes(clusters: readonly ConfigOfFile[]): { path: string; faults: ConfigFault[] }[] {
  return [...claimedTwice(clusters), ...misplacedStates(clusters)];
}

function claimedTwice(clusters: readonly ConfigOfFile[]): { path: string; faults: ConfigFault[] }[] {
  const owners = new Map<string, string>();
  return clusters.flatMap(({ path, config }) => {
    const faults: ConfigFault[] = [];
    for (const { thing, path: place, value, isDerived, clash } of claimsOf(config)) {
      const owner = owners.get(thing) ?? path;
      owners.set(thing, owner);
      if (owner !== path && !(isDerived && faults.length > 0)) faults.push(clash(place, value, owner));
    }
    return faults.length > 0 ? [{ path, faults }] : [];
  });
}

/** A cluster's state in a bucket of another cluster, whose nodes could reach it. */
function misplacedStates(clusters: readonly ConfigOfFile[]): { path: string; faults: ConfigFault[] }[] {
  const owners = new Map(
    clusters.flatMap(({ path, config: { storage } }) =>
      [storage.bucket, provisioningBucketName(storage)].map((bucket) => [bucket, path] as const),
    ),
  );
  return clusters.flatMap(({ path, config }) => {
    const bucket = config.backend.s3?.bucket;
    const owner = bucket && owners.get(bucket);
    if (!owner || owner === path) return [];
    return [{ path, faults: [fault.stateInBucketOfCluster("backend.s3.bucket", bucket, owner)] }];
  });
}

function claimsOf(config: ClusterConfig): Claim[] {
  const { name, storage } = config;
  const provisioningBucket = provisioningBucketName(storage);
  const claims: Claim[] = [
    { thing: `name ${name}`, path: "name", value: name, clash: fault.nameOfOtherCluster },
    {
      thing: `bucket ${storage.bucket}`,
      path: "storage.bucket",
      value: storage.bucket,
      clash: fault.bucketOfOtherCluster,
    },
    {
      thing: `bucket ${provisioningBucket}`,
      path: "storage.provisioningBucket",
      value: provisioningBucket,
      isDerived: storage.provisioningBucket === undefined,
      clash: fault.bucketOfOtherCluster,
    },
  ];
  const state = stateObject(config);
  if (!state) return claims;
  const stateClaim: Claim = {
    thing: `state ${state.bucket}/${state.key}`,
    path: "backend.s3.key",
    value: state.key,
    isDerived: config.backend.s3?.key === undefined,
    clash: fault.stateOfOtherCluster,
  };
  return [...claims, stateClaim];
}
