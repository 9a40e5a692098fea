import { stateFile, stateObject } from "../../config/derived-names.ts";
import { secretsOfNodes } from "../../topology/names.ts";
import { roles, rolesOf } from "../../topology/roles.ts";
import { type ClusterNode, nodesOf, type Topology } from "../../topology/topology.ts";
import type { AccountFacts, Answer, BucketOwner, Facts, Image, Usage } from "./facts.ts";
import { type Problem, problem } from "./problems.ts";
import { elasticIpQuota, plannedVcpus, type Quota, vcpuQuota, vpcQuota } from "./quotas.ts";

/** The results of all checks. */
export interface Findings {
  /** What is right, one short text each. */
  readonly passed: readonly string[];
  readonly problems: readonly Problem[];
  /** What is not a problem, but may become one. */
  readonly notes: readonly string[];
}

/** Checks one thing. @returns its problems, or what to print if there are none. */
type Check = (topology: Topology, account: AccountFacts, facts: Facts) => Partial<Findings>;

/** Judges the facts. If AWS refuses the credentials, checks only this machine besides. */
export function judge(topology: Topology, facts: Facts): Findings {
  const { account } = facts;
  const findings = merged([
    credentialsWork(topology, facts),
    ...(account ? checks.map((check) => check(topology, account, facts)) : []),
    archivesAreBuilt(facts),
  ]);
  return { ...findings, problems: withoutRepetition(findings.problems) };
}

function credentialsWork({ config: { region } }: Topology, { identity, isRegionDisabled }: Facts): Partial<Findings> {
  if (isRegionDisabled) return { problems: [problem.regionDisabled(region)] };
  return judged(region, "sts:GetCallerIdentity", identity, ({ account, arn }) => ({
    passed: [`credentials: ${arn}, account ${account}`],
  }));
}

const zonesExist: Check = ({ config: { region, network } }, { zones }) =>
  judged(region, "ec2:DescribeAvailabilityZones", zones, (known) => ({
    passed: [`zones: ${network.zones.join(", ")}`],
    problems: network.zones.flatMap((zone, i) =>
      known.includes(zone) ? [] : [problem.zoneMissing(`network.zones[${i}]`, zone, known)],
    ),
  }));

const imagesFit: Check = (topology, { images }) =>
  judged(topology.config.region, "ec2:DescribeImages", images, (known) => {
    const amis = [...new Set(topology.nodes.map(({ ami }) => ami))];
    return {
      passed: [`images: ${amis.join(", ")}`],
      problems: amis.flatMap((ami) => imageProblems(topology, ami, known.get(ami))),
    };
  });

function imageProblems({ config }: Topology, ami: string, image: Image | undefined): Problem[] {
  const [path, ...others] = rolesOf(config)
    .map((role) => roles[role].section)
    .filter((section) => config[section].ami === ami)
    .map((section) => `${section}.ami`);
  const place = path as string;
  if (!image) return [problem.imageMissing(place, ami, config.region, others)];
  if (image.state !== "available") return [problem.imageUnavailable(place, ami, image.state, others)];
  if (image.architecture !== "x86_64") return [problem.imageOtherArchitecture(place, ami, image.architecture, others)];
  return [];
}

const typesAreOffered: Check = (topology, { offerings }) =>
  judged(topology.config.region, "ec2:DescribeInstanceTypeOfferings", offerings, (known) => ({
    passed: [`instance types: ${[...new Set(topology.nodes.map(({ instanceType }) => instanceType))].join(", ")}`],
    problems: rolesOf(topology.config).flatMap((role) => {
      const { section } = roles[role];
      const type = topology.config[section].instanceType;
      const offeredIn = known.get(type) ?? [];
      const missingIn = zonesOf(nodesOf(topology, role)).filter((zone) => !offeredIn.includes(zone));
      return missingIn.length > 0
        ? [problem.typeNotOffered(`${section}.instanceType`, type, missingIn, offeredIn)]
        : [];
    }),
  }));

const elasticIpsAreFree: Check = ({ config: { region, network } }, { elasticIps }) =>
  judged(region, "ec2:DescribeAddresses and ec2:DescribeAccountAttributes", elasticIps, ({ limit, ...usage }) => {
    if (limit === undefined) return {};
    // one for the service, one for the bastion, and one for the NAT gateway, if any
    const planned = network.egress === "nat-gateway" ? 3 : 2;
    return hasRoom(elasticIpQuota, region, planned, { limit, ...usage });
  });

const vcpusAreFree: Check = ({ config: { region }, nodes }, { vcpus }) =>
  judgedIfAnswered(`the quota of ${vcpuQuota.subject}`, vcpus, ({ byType, ...usage }) => {
    return hasRoom(vcpuQuota, region, plannedVcpus(nodes, byType), usage);
  });

const vpcIsFree: Check = ({ config: { region } }, { vpcs }) =>
  judgedIfAnswered(`the quota of ${vpcQuota.subject}`, vpcs, (usage) => hasRoom(vpcQuota, region, 1, usage));

/** Whether a quota has room for what the plan has and the cluster has not yet. */
function hasRoom(quota: Quota, region: string, planned: number, { limit, inUse, ofCluster }: Usage): Partial<Findings> {
  const needed = Math.max(0, planned - ofCluster);
  const free = Math.max(0, limit - inUse);
  return {
    passed: [`${quota.subject}: ${needed} needed, ${free} of ${limit} free`],
    problems: needed > free ? [problem.overQuota(quota, region, { limit, free, needed })] : [],
  };
}

const keyPairNameIsFree: Check = ({ config: { name, region } }, { hasKeyPair }, facts) =>
  judged(region, "ec2:DescribeKeyPairs", hasKeyPair, (isThere) => ({
    problems: isThere && !hasState(facts) ? [problem.keyPairTaken(name)] : [],
  }));

const roleNamesAreFree: Check = ({ config: { name } }, { roles }, facts) =>
  judgedIfAnswered("whether the names of the roles are free", roles, (taken) => ({
    problems: taken.length > 0 && !hasState(facts) ? [problem.rolesTaken(name, taken)] : [],
  }));

const bucketNamesCanBeHad: Check = ({ config, provisioningBucket }, account, facts) => {
  const buckets = [
    { path: "storage.bucket", name: config.storage.bucket, id: "registry_bucket", owner: account.registryBucket },
    {
      path: "storage.provisioningBucket",
      name: provisioningBucket,
      id: "provisioning_bucket",
      owner: account.provisioningBucket,
    },
  ];
  const findings = buckets.map(({ path, name, id, owner }) =>
    judged(config.region, "s3:ListBucket", owner, (found) => {
      if (found === "nobody") return { passed: [`bucket: ${name} is free`] };
      if (found === "us") {
        const notes = hasState(facts) ? [] : [importNote(config.name, name, id)];
        return { passed: [`bucket: ${name} is this account's`], notes };
      }
      return { problems: [problemOfBucket(path, name, found, config.region)] };
    }),
  );
  return merged(findings);
};

function problemOfBucket(path: string, name: string, owner: Exclude<BucketOwner, "us" | "nobody">, region: string) {
  return owner === "hidden"
    ? problem.bucketHidden(path, name)
    : problem.bucketElsewhere(path, name, owner.inRegion, region);
}

function importNote(cluster: string, bucket: string, id: string): string {
  return `${bucket} exists, but is in no state of this cluster; to use it, import it after npx cdktf synth: terraform -chdir=cdktf.out/stacks/${cluster} import aws_s3_bucket.${id} ${bucket}`;
}

const secretsAreMade: Check = ({ config }, { secrets }) =>
  judged(config.region, "ssm:GetParametersByPath", secrets, (known) => {
    const missing = secretsOfNodes(config).filter((path) => !known.includes(path));
    return {
      passed: ["secrets: all in SSM"],
      problems: missing.length > 0 ? [problem.secretsMissing(missing)] : [],
    };
  });

const stateBucketIsReachable: Check = ({ config }, { remoteState }) => {
  const state = stateObject(config);
  if (!state || !remoteState) return {};
  return judged(state.region, "s3:ListBucket", remoteState.bucket, (owner) => {
    if (owner === "nobody") return { problems: [problem.stateBucketMissing(state.bucket)] };
    if (owner === "hidden") return { problems: [problem.stateBucketHidden(state.bucket)] };
    if (owner !== "us") return { problems: [problem.stateBucketElsewhere(state.region, owner.inRegion)] };
    return { passed: [`state: s3://${state.bucket}/${state.key}`] };
  });
};

const stateIsInOnePlace: Check = ({ config }, { remoteState }, { hasLocalState }) => {
  const state = stateObject(config);
  if (!state || !remoteState?.isThere) return {};
  return judged(state.region, "s3:GetObject", remoteState.isThere, (isThere) => ({
    problems: !isThere && hasLocalState ? [problem.stateStillLocal(state.key, stateFile(config.name))] : [],
  }));
};

/** @returns whether the cluster was deployed before, from here or with this remote state. */
function hasState({ account, hasLocalState }: Facts): boolean {
  const { isThere } = account?.remoteState ?? {};
  return hasLocalState || (isThere !== undefined && "value" in isThere && isThere.value);
}

/** In the order of the config. */
const checks: readonly Check[] = [
  zonesExist,
  imagesFit,
  typesAreOffered,
  elasticIpsAreFree,
  vcpusAreFree,
  vpcIsFree,
  keyPairNameIsFree,
  roleNamesAreFree,
  bucketNamesCanBeHad,
  secretsAreMade,
  stateBucketIsReachable,
  stateIsInOnePlace,
];

function archivesAreBuilt({ archives }: Facts): Partial<Findings> {
  return {
    passed: archives.filter(({ exists }) => exists).map(({ name }) => `${name}: in the cache`),
    problems: archives.filter(({ exists }) => !exists).map(problem.archiveMissing),
  };
}

/** Judges an answer, or reports why there is none. Whatever has a problem has not passed. */
function judged<Value>(
  region: string,
  action: string,
  answer: Answer<Value>,
  verdict: (value: Value) => Partial<Findings>,
): Partial<Findings> {
  if ("refusal" in answer) return { problems: [problem.refused(region, action, answer.refusal)] };
  return passedOnlyWithoutProblems(verdict(answer.value));
}

/** For questions that roles of older versions may not ask: they get a note instead of a problem. */
function judgedIfAnswered<Value>(
  what: string,
  answer: Answer<Value>,
  verdict: (value: Value) => Partial<Findings>,
): Partial<Findings> {
  if ("refusal" in answer) return { notes: [`${what} was not checked: AWS did not answer (${answer.refusal.words})`] };
  return passedOnlyWithoutProblems(verdict(answer.value));
}

function passedOnlyWithoutProblems(findings: Partial<Findings>): Partial<Findings> {
  return findings.problems?.length ? { ...findings, passed: [] } : findings;
}

function zonesOf(nodes: readonly ClusterNode[]): string[] {
  return [...new Set(nodes.map(({ subnet }) => subnet.zone))];
}

function merged(all: readonly Partial<Findings>[]): Findings {
  return {
    passed: all.flatMap(({ passed = [] }) => passed),
    problems: all.flatMap(({ problems = [] }) => problems),
    notes: all.flatMap(({ notes = [] }) => notes),
  };
}

/** If credentials expire meanwhile, every service refuses them with the same message. */
function withoutRepetition(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()];
}
