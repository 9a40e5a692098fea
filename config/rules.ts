import { partition } from "@aws-sdk/util-endpoints";
import { isInside, overlap, prefixLength, withoutHostBits } from "../common/ipv4.ts";
import { proxyCapacity } from "./capacity.ts";
import { provisioningBucketName, tagKeys } from "./derived-names.ts";
import type { ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { instanceTypeDefect } from "./instance-types.ts";
import { limits } from "./limits.ts";
import { type MachineCount, machineCount } from "./machines.ts";
import { joinPath } from "./paths.ts";
import type { PartialConfig } from "./sections.ts";
import { publicKeyDefect } from "./ssh-key.ts";

/**
 * Rules that the schema cannot express, most of them about more than one value.
 *
 * A rule gets only the values that are valid by themselves, and reports nothing if it needs one that is missing. No rule checks the
 * size of subnets: even those of a /24 have room for as many nodes as the schema allows.
 */
type Rule = (config: PartialConfig) => ConfigFault[];

const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;
const dockerNetwork = "172.17.0.0/16";

const networkIsPrivate: Rule = ({ network }) => {
  const cidr = network?.cidr;
  if (!cidr || privateNetworks.some((outer) => isInside(cidr, outer))) return [];
  return [fault.networkNotPrivate("network.cidr", cidr, privateNetworks)];
};

const networkLeavesDockerAlone: Rule = ({ network }) => {
  if (!network?.cidr || !overlap(network.cidr, dockerNetwork)) return [];
  return [fault.networkOverlapsDocker("network.cidr", network.cidr, dockerNetwork)];
};

const cidrsAreNetworks: Rule = ({ network, access }) => {
  const cidrs = [
    ...(network?.cidr ? [{ path: "network.cidr", value: network.cidr }] : []),
    ...items("access.sshCidrs", access?.sshCidrs),
    ...items("access.clientCidrs", access?.clientCidrs),
  ];
  return cidrs
    .filter(({ value }) => withoutHostBits(value) !== value)
    .map(({ path, value }) => fault.hostBitsSet(path, value, withoutHostBits(value)));
};

const zonesAreOfRegion: Rule = ({ region, network }) => {
  if (!region) return [];
  return items("network.zones", network?.zones)
    .filter(({ value }) => value.slice(0, -1) !== region)
    .map(({ path, value }) => fault.zoneOutsideRegion(path, value, region));
};

/** AWS refuses duplicate firewall rules, and a zone that is listed twice would get two subnets of the same name. */
const listsRepeatNothing: Rule = ({ network, access, tls }) =>
  [
    items("network.zones", network?.zones),
    items("access.sshCidrs", access?.sshCidrs),
    items("access.clientCidrs", access?.clientCidrs),
    items("access.openToInternet", access?.openToInternet),
    items("tls.extraNames", tls?.extraNames),
  ].flatMap((list) =>
    list
      .filter(({ value }, i) => list.findIndex((item) => item.value === value) < i)
      .map(({ path, value }) => fault.repeated(path, value)),
  );

const openingIsNamed: Rule = ({ access }) =>
  openings(access).flatMap(({ name, list, cidrs }) =>
    access?.openToInternet === undefined || access.openToInternet.includes(name)
      ? []
      : items(list, cidrs)
          .filter(({ value }) => isOpen(value))
          .map(({ path, value }) => fault.openToInternet(path, value, name)),
  );

const namedOpeningExists: Rule = ({ access }) =>
  items("access.openToInternet", access?.openToInternet).flatMap(({ path, value }) => {
    const { list, cidrs } = openings(access).find(({ name }) => name === value)!;
    return cidrs && !cidrs.some(isOpen) ? [fault.opensNothing(path, value, list)] : [];
  });

const publicKeyIsWhole: Rule = ({ access }) => {
  if (!access?.sshPublicKey) return [];
  const defect = publicKeyDefect(access.sshPublicKey);
  return defect ? [fault.brokenPublicKey("access.sshPublicKey", access.sshPublicKey, defect)] : [];
};

const instancesCanBeNodes: Rule = (config) =>
  machineSections(config).flatMap(([section, { instanceType: type }]) => {
    const path = `${section}.instanceType`;
    const defect = type && instanceTypeDefect(type);
    if (!type || !defect) return [];
    if (defect.kind === "unknown") return [fault.unknownInstanceType(path, type, defect.sizes)];
    if (defect.kind === "arm64") return [fault.armInstanceType(path, type)];
    return [defect.kind === "too small" ? fault.tooLittleMemory(path, type) : fault.cannotBootDebian(path, type)];
  });

const blobCacheLeavesRoom: Rule = ({ proxies }) => {
  if (!proxies?.blobCacheGiB || !proxies.rootVolumeGiB) return [];
  const most = proxies.rootVolumeGiB - limits.systemGib;
  return proxies.blobCacheGiB <= most
    ? []
    : [fault.blobCacheTooLarge("proxies.blobCacheGiB", proxies.blobCacheGiB, proxies.rootVolumeGiB, most)];
};

const oneClientLeavesRoom: Rule = ({ proxies }) => {
  if (!proxies?.connectionsPerClient || !proxies.instanceType) return [];
  const most = proxyCapacity(proxies.instanceType).connections / 2;
  return proxies.connectionsPerClient <= most
    ? []
    : [fault.clientTakesAll("proxies.connectionsPerClient", proxies.connectionsPerClient, proxies.instanceType, most)];
};

const bucketsDiffer: Rule = ({ storage }) => {
  if (!storage?.bucket || storage.bucket !== storage.provisioningBucket) return [];
  return [fault.sameBucket("storage.provisioningBucket", storage.bucket)];
};

const provisioningBucketNameFits: Rule = ({ storage }) => {
  if (!storage?.bucket || storage.provisioningBucket) return [];
  const derived = provisioningBucketName({ bucket: storage.bucket });
  return derived.length > limits.bucketNameCharacters
    ? [fault.provisioningBucketTooLong("storage.bucket", storage.bucket, derived)]
    : [];
};

const keysAreOfRegion: Rule = ({ region, storage, backend }) =>
  [
    { path: "storage.kmsKeyArn", arn: storage?.kmsKeyArn, region },
    { path: "backend.s3.kmsKeyArn", arn: backend?.s3?.kmsKeyArn, region: backend?.s3?.region ?? region },
  ].flatMap(({ path, arn, region }) => {
    if (!region || !arn) return [];
    const [, ofKey, , regionOfKey] = arn.split(":");
    if (regionOfKey !== region) return [fault.keyOfOtherRegion(path, arn, region)];
    const { name } = partition(region);
    return ofKey === name ? [] : [fault.keyOfOtherPartition(path, arn, name, region)];
  });

const stateHasItsOwnBucket: Rule = ({ storage, backend }) => {
  const stateBucket = backend?.s3?.bucket;
  if (!stateBucket || !storage?.bucket) return [];
  if (storage.bucket === stateBucket) return [fault.bucketHoldsState("storage.bucket", stateBucket)];
  const { bucket, provisioningBucket } = storage;
  return provisioningBucketName({ bucket, provisioningBucket }) === stateBucket
    ? [fault.bucketHoldsState("storage.provisioningBucket", stateBucket)]
    : [];
};

const deadProxyIsReplacedInTime: Rule = ({ vrrp }) => {
  if (!vrrp?.advertInterval || !vrrp.downAfterAdverts) return [];
  const seconds = vrrp.advertInterval.seconds * vrrp.downAfterAdverts;
  if (seconds <= limits.deadProxySec) return [];
  return [fault.deadProxyKept("vrrp.advertInterval", vrrp.advertInterval.text, vrrp.downAfterAdverts, seconds)];
};

/** keepalived starts no check while another one runs, so each check of a hung nginx takes the longer of interval and timeout. */
const hungProxyIsReplacedInTime: Rule = ({ vrrp }) => {
  if (!vrrp?.checkInterval || !vrrp.checkTimeout || !vrrp.checkFall) return [];
  const seconds = Math.max(vrrp.checkInterval.seconds, vrrp.checkTimeout.seconds) * vrrp.checkFall;
  if (seconds <= limits.deadProxySec) return [];
  return [fault.hungProxyKept("vrrp.checkTimeout", vrrp.checkTimeout.text, vrrp.checkFall, seconds)];
};

const extraNamesAreExtra: Rule = ({ domainName, tls }) =>
  items("tls.extraNames", tls?.extraNames)
    .filter(({ value }) => value === domainName)
    .map(({ path, value }) => fault.domainNameAgain(path, value));

const builderHasAWayOut: Rule = ({ builder, network }) =>
  builder?.enabled && network?.egress === "none" ? [fault.builderShutIn("builder.enabled")] : [];

const everyNodeGetsItsTurn: Rule = (config) => {
  const { converge } = config;
  const counts = machineSections(config).map(([, section]) => machineCount(section));
  if (!converge?.interval || counts.some((count) => count === undefined)) return [];
  const nodes = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (converge.interval.seconds >= nodes * limits.convergeMinutes * 60) return [];
  return [
    fault.turnsTooShort("converge.interval", converge.interval.text, nodes, `${nodes * limits.convergeMinutes}m`),
  ];
};

/** IAM roles ignore the case of tag names, unlike all other resources. */
const tagsDifferByMoreThanCase: Rule = ({ tags }) => {
  const seen = new Map<string, string>();
  return Object.entries(tags ?? {}).flatMap(([name, value]) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), other ?? name);
    return other === undefined ? [] : [fault.sameTagInOtherCase(joinPath("tags", name), value, other)];
  });
};

const ownTagsAreLeftAlone: Rule = ({ tags }) => {
  const reserved = ["Name", ...Object.values(tagKeys)];
  return Object.entries(tags ?? {})
    .filter(([name]) => reserved.some((own) => own.toLowerCase() === name.toLowerCase()))
    .map(([name, value]) => fault.reservedTag(joinPath("tags", name), value, reserved));
};

/** Every rule, in the order of the config file. */
const rules: readonly Rule[] = [
  networkIsPrivate,
  networkLeavesDockerAlone,
  cidrsAreNetworks,
  zonesAreOfRegion,
  listsRepeatNothing,
  openingIsNamed,
  namedOpeningExists,
  publicKeyIsWhole,
  instancesCanBeNodes,
  blobCacheLeavesRoom,
  oneClientLeavesRoom,
  builderHasAWayOut,
  bucketsDiffer,
  provisioningBucketNameFits,
  keysAreOfRegion,
  deadProxyIsReplacedInTime,
  hungProxyIsReplacedInTime,
  extraNamesAreExtra,
  everyNodeGetsItsTurn,
  stateHasItsOwnBucket,
  tagsDifferByMoreThanCase,
  ownTagsAreLeftAlone,
];

/** @returns a fault for every broken rule that the given values suffice to check */
export function brokenRules(config: PartialConfig): ConfigFault[] {
  return rules.flatMap((rule) => rule(config));
}

function openings(access: PartialConfig["access"]) {
  return [
    { name: "ssh", list: "access.sshCidrs", cidrs: access?.sshCidrs },
    { name: "clients", list: "access.clientCidrs", cidrs: access?.clientCidrs },
  ] as const;
}

/** The settings of a section about machines. */
interface MachineSection extends MachineCount {
  readonly instanceType?: string;
}

/** The sections about machines, with their names. */
function machineSections(config: PartialConfig): [string, MachineSection][] {
  return Object.entries(config).filter(
    (entry): entry is [string, MachineSection] =>
      typeof entry[1] === "object" && entry[1] !== null && "instanceType" in entry[1],
  );
}

function isOpen(cidr: string): boolean {
  return prefixLength(cidr) < limits.shortestPrefix;
}

/** The values of a list, each with its path. */
function items<Value>(path: string, values: readonly Value[] = []): { path: string; value: Value }[] {
  return values.map((value, i) => ({ path: joinPath(path, i), value }));
}
