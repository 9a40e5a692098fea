import type { ConfigFault } from "./errors.ts";
import { limits } from "./limits.ts";

/** Every message about a config file, in lower case: what is wrong, what is allowed, how to mend it. */
export const fault = {
  // The file.

  fileMissing: (example: string): ConfigFault => ({
    path: "",
    problem: "there is no such file",
    allowed: "the path of a config file",
    fix: `name a file that exists, or start from a copy of the project's ${example}`,
  }),

  fileUnreadable: (problem: string): ConfigFault => ({
    path: "",
    problem: `the file cannot be read: ${problem}`,
    allowed: "a readable file",
    fix: "name a file, not a folder, that you may read",
  }),

  notUtf8: (): ConfigFault => ({
    path: "",
    problem: "the file is not text in UTF-8",
    allowed: "text in UTF-8",
    fix: "save it as UTF-8, or name the right file",
  }),

  fileTooLarge: (): ConfigFault => ({
    path: "",
    problem: `the file is larger than ${limits.fileMib} MiB`,
    allowed: "a config file of a few kilobytes",
    fix: "name the right file",
  }),

  nestedTooDeep: (levels: number): ConfigFault => ({
    path: "",
    problem: `nested more than ${levels} levels deep`,
    allowed: "sections and lists of a few levels",
    fix: "look for an unclosed bracket, or for lines that are indented further and further",
  }),

  folderForOneCluster: (files: readonly string[]): ConfigFault => ({
    path: "",
    problem: "a folder, but this command needs one cluster",
    allowed: files.length > 0 ? `one file: ${files.join(", ")}` : "one file",
    fix: `name it: --config ${files[0] ?? "FILE"}`,
  }),

  folderEmpty: (): ConfigFault => ({
    path: "",
    problem: "there is no config file in this folder",
    allowed: "a file, or a folder in which every *.yml and *.yaml describes a cluster",
    fix: "put a copy of the project's cluster.yml there for each cluster, or name a file",
  }),

  fileEmpty: (keys: readonly string[], example: string): ConfigFault => ({
    path: "",
    problem: "the file sets nothing",
    allowed: keysText(keys),
    fix: `start from a copy of the project's ${example}`,
  }),

  notYaml: ({ problem, fix }: { problem: string; fix: string }, line?: number): ConfigFault => ({
    path: "",
    line,
    problem: `not valid YAML: ${problem}`,
    allowed: "YAML: `key: value`, with keys of a section indented by two spaces under its name",
    fix,
  }),

  neverAKey: (path: string): ConfigFault => ({
    path,
    problem: "unknown key",
    allowed: "names that JavaScript does not reserve",
    fix: "rename or remove it",
  }),

  givenTwice: (path: string, firstLine: number): ConfigFault => ({
    path,
    problem: `already given on line ${firstLine}`,
    allowed: "each key once",
    fix: "remove one of the two",
  }),

  // One value.

  missing: (path: string, allowed: string, meaning: string): ConfigFault => ({
    path,
    problem: "missing",
    allowed,
    fix: `add it: ${meaning}`,
  }),

  sectionMissing: (path: string, keys: readonly string[]): ConfigFault => ({
    path,
    problem: "missing",
    allowed: keysText(keys),
    fix: "add the section",
  }),

  notSection: (path: string, value: unknown, keys: readonly string[]): ConfigFault => ({
    path,
    value,
    problem: "must be a section",
    allowed: keysText(keys),
    fix: path ? `write \`${path}:\` and its keys on the lines below, indented` : "write keys, each with a value",
  }),

  wrongValue: (path: string, value: unknown, allowed: string, fix = "give an allowed value"): ConfigFault => ({
    path,
    value,
    problem: "not allowed",
    allowed,
    fix,
  }),

  notText: (path: string, value: unknown, allowed: string): ConfigFault => ({
    path,
    value,
    problem: "must be text",
    allowed,
    fix: "give an allowed value, in quotes if it reads as a number or as true or false",
  }),

  /**
   * Does not repeat the value: the key is wrong, not the value, and the value may be a secret.
   *
   * @param meant - path of the key that was probably meant
   */
  unknownKey: (path: string, known: readonly string[], meant?: string): ConfigFault => ({
    path,
    problem: "unknown key",
    allowed: keysText(known),
    fix: meant ? `did you mean ${meant}?` : "remove it",
  }),

  privateKey: (path: string): ConfigFault => ({
    path,
    problem: "this looks like a private key, which must never be in a config file",
    allowed: "the public key: the one line of the file that ends in .pub",
    fix: "give the public key instead; if the file was shared or committed, make a new key pair",
  }),

  brokenPublicKey: (path: string, value: string, reason: string): ConfigFault => ({
    path,
    value,
    problem: `not a complete public key: ${reason}`,
    allowed: "an ssh-ed25519 key, or an ssh-rsa key of at least 2048 bits",
    fix: "copy the whole line of the .pub file again, without line breaks",
  }),

  armInstanceType: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "an arm64 instance type, but the cluster's images are amd64",
    allowed: "an x86-64 instance type, such as t3.micro",
    fix: "choose a family without `g` after its generation: t3 for t4g, m6i for m6g",
  }),

  unknownInstanceType: (path: string, value: string, sizes: readonly string[]): ConfigFault => ({
    path,
    value,
    problem: "there is no such instance type",
    allowed: `${value.split(".")[0]} in one of its sizes: ${sizes.join(", ")}`,
    fix: "correct the family or the size: t3.micro, m7i.large",
  }),

  cannotBootDebian: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "machines of this family cannot boot Debian 12 images",
    allowed: "an x86-64 instance type of a family from 2013 or later, such as t3.micro",
    fix: "choose another family",
  }),

  tooLittleMemory: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "has half a GiB of memory, too little for a node to install its packages",
    allowed: "an instance type with 1 GiB or more, such as t3.micro",
    fix: "choose the next larger size",
  }),

  // More than one value.

  builderShutIn: (path: string): ConfigFault => ({
    path,
    value: true,
    problem: "a builder needs repositories and base images, but network.egress is none",
    allowed: "true with an egress of bastion or nat-gateway",
    fix: "choose another network.egress, or build elsewhere: registry-cluster image watch",
  }),

  blobCacheTooLarge: (path: string, value: number, rootVolumeGiB: number, most: number): ConfigFault => ({
    path,
    value,
    problem: `with a root volume of ${rootVolumeGiB} GiB too little would be left for the system`,
    allowed: `0 to ${most} GiB, ${limits.systemGib} GiB less than proxies.rootVolumeGiB`,
    fix: "lower it, or raise proxies.rootVolumeGiB",
  }),

  clientTakesAll: (path: string, value: number, instanceType: string, most: number): ConfigFault => ({
    path,
    value,
    problem: `one address could take more than half of the connections of a ${instanceType}`,
    allowed: `${limits.leastConnectionsPerClient} to ${most} with this proxies.instanceType`,
    fix: `write ${most} or less, or choose a larger proxies.instanceType`,
  }),

  repeated: (path: string, value: unknown): ConfigFault => ({
    path,
    value,
    problem: "is already in the list",
    allowed: "each value once",
    fix: "remove one of the two",
  }),

  hostBitsSet: (path: string, value: string, corrected: string): ConfigFault => ({
    path,
    value,
    problem: "bits are set after the prefix, so this is the address of a host, not of a network",
    allowed: "the first address of the network, and its prefix",
    fix: `write ${corrected}`,
  }),

  openToInternet: (path: string, value: string, name: string): ConfigFault => ({
    path,
    value,
    problem: `wider than /${limits.shortestPrefix}, which is open to the internet`,
    allowed: `CIDRs from /${limits.shortestPrefix} to /32, or wider ones when access.openToInternet names ${name}`,
    fix: `name the networks that need it, or, if you mean it, add ${name} to access.openToInternet`,
  }),

  opensNothing: (path: string, value: string, list: string): ConfigFault => ({
    path,
    value,
    problem: `nothing in ${list} is open to the internet, and this would let a later mistake pass`,
    allowed: `only names whose CIDRs are wider than /${limits.shortestPrefix}`,
    fix: "remove it",
  }),

  networkNotPrivate: (path: string, value: string, allowed: readonly string[]): ConfigFault => ({
    path,
    value,
    problem: "not a private network",
    allowed: `a network inside ${allowed.join(", ")}`,
    fix: "choose a private network that nothing you connect to uses, such as 10.80.0.0/16",
  }),

  networkOverlapsDocker: (path: string, value: string, docker: string): ConfigFault => ({
    path,
    value,
    problem: `overlaps ${docker}, Docker's own network on every node`,
    allowed: `a private network outside ${docker}`,
    fix: "choose another one, such as 10.80.0.0/16",
  }),

  zoneOutsideRegion: (path: string, value: string, region: string): ConfigFault => ({
    path,
    value,
    problem: `not a zone of the region ${region}`,
    allowed: `${region} and a letter, such as ${region}a`,
    fix: "change the zone or the region",
  }),

  deadProxyKept: (path: string, value: string, adverts: number, seconds: number): ConfigFault => ({
    path,
    value,
    problem: `a dead proxy would keep the address for ${seconds}s (${adverts} adverts)`,
    allowed: `advertInterval times downAfterAdverts at most ${limits.deadProxySec}s`,
    fix: "lower advertInterval or downAfterAdverts",
  }),

  hungProxyKept: (path: string, value: string, checks: number, seconds: number): ConfigFault => ({
    path,
    value,
    problem: `a hung proxy would keep the address for ${seconds}s (${checks} checks)`,
    allowed: `the longer of checkInterval and checkTimeout, times checkFall, at most ${limits.deadProxySec}s`,
    fix: "lower checkTimeout, checkInterval or checkFall",
  }),

  sameBucket: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "is also the registry's bucket, whose objects the nodes may delete",
    allowed: "a separate bucket",
    fix: "give another name, or remove the line for the default: the bucket's name with -provisioning appended",
  }),

  provisioningBucketTooLong: (path: string, value: string, derived: string): ConfigFault => ({
    path,
    value,
    problem: `the provisioning bucket's name derived from it, ${derived}, has ${derived.length} characters`,
    allowed: `at most ${limits.bucketNameCharacters} characters for each bucket's name`,
    fix: "shorten it, or set storage.provisioningBucket",
  }),

  keyOfOtherRegion: (path: string, value: string, region: string): ConfigFault => ({
    path,
    value,
    problem: `the key is not in the region ${region}, where the data that it encrypts is`,
    allowed: `the ARN of a key in ${region}`,
    fix: "use a key in this region, or a replica of this key there",
  }),

  bucketHoldsState: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "Terraform's state is in this bucket, so the cluster must not create it and its nodes must not reach it",
    allowed: "a separate bucket",
    fix: "give another name here, or in backend.s3.bucket",
  }),

  domainNameAgain: (path: string, value: string): ConfigFault => ({
    path,
    value,
    problem: "is the domainName, which is in the certificate anyway",
    allowed: "names other than domainName",
    fix: "remove it",
  }),

  turnsTooShort: (path: string, value: string, nodes: number, least: string): ConfigFault => ({
    path,
    value,
    problem: `too short for ${nodes} nodes to converge one after the other, ${limits.convergeMinutes} min each`,
    allowed: `at least ${least}`,
    fix: `write ${least} or more`,
  }),

  nameOfOtherCluster: (path: string, value: string, otherFile: string): ConfigFault => ({
    path,
    value,
    problem: `is also the name of the cluster in ${otherFile}`,
    allowed: "a different name for each cluster",
    fix: "rename the one that is not deployed yet: a new name replaces everything",
  }),

  bucketOfOtherCluster: (path: string, value: string, otherFile: string): ConfigFault => ({
    path,
    value,
    problem: `is also a bucket of the cluster in ${otherFile}`,
    allowed: "separate buckets for each cluster",
    fix: "give another name",
  }),

  stateOfOtherCluster: (path: string, value: string, otherFile: string): ConfigFault => ({
    path,
    value,
    problem: `the cluster in ${otherFile} also keeps its state there, so each would remove the other`,
    allowed: "a separate bucket or key for the state of each cluster",
    fix: "remove backend.s3.key for the default, which contains the cluster's name",
  }),

  keyOfOtherPartition: (path: string, value: string, partition: string, region: string): ConfigFault => ({
    path,
    value,
    problem: `the key is not in the partition ${partition}, which the region ${region} belongs to`,
    allowed: `an ARN that begins arn:${partition}:kms:`,
    fix: "use a key of an account in this partition",
  }),

  stateInBucketOfCluster: (path: string, value: string, otherFile: string): ConfigFault => ({
    path,
    value,
    problem: `is a bucket of the cluster in ${otherFile}, whose nodes may reach it`,
    allowed: "a bucket that no cluster uses, for Terraform's state",
    fix: "give another name here",
  }),

  sameTagInOtherCase: (path: string, value: unknown, other: string): ConfigFault => ({
    path,
    value,
    problem: `differs from ${other} only by case, which IAM roles ignore`,
    allowed: "names that differ by more than case",
    fix: "remove one of the two",
  }),

  reservedTag: (path: string, value: unknown, reserved: readonly string[]): ConfigFault => ({
    path,
    value,
    problem: "the cluster sets this tag itself, and its nodes find each other by it",
    allowed: `names other than ${reserved.join(", ")}`,
    fix: "rename or remove it",
  }),
};

function keysText(keys: readonly string[]): string {
  return `the keys ${keys.join(", ")}`;
}
