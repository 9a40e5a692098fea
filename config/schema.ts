import { z } from "zod";
import { buildsFileName } from "./cluster-files.ts";
import { durationBetween } from "./duration.ts";
import { limits } from "./limits.ts";
import { plainPublicKey } from "./ssh-key.ts";
import {
  bucketName,
  cidr,
  cidrBetween,
  dnsName,
  kmsKeyArn,
  listOf,
  oneOf,
  policyArn,
  region,
  text,
  trueOrFalse,
  wholeNumber,
} from "./values.ts";

/**
 * Every setting is defined here: its meaning, unit, limits and default.
 * `npm run docs` makes docs/settings.md from these descriptions.
 *
 * Rules that concern more than one value (overlaps, enough zones, ...) are in `rules.ts`.
 */

const amiId = () => text(/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/, "an AMI id: ami- and 8 or 17 hexadecimal digits");

const instance = (defaults: { instanceType: string; rootVolumeGiB: number }) => ({
  ami: amiId().describe(
    "Debian 12 (amd64) image. Pinned on purpose: a newer one replaces the instance, so you choose when.",
  ),
  instanceType: text(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "an EC2 instance type (x86-64), such as t3.micro")
    .default(defaults.instanceType)
    .describe("EC2 instance type (x86-64)."),
  rootVolumeGiB: wholeNumber(8, 16384)
    .default(defaults.rootVolumeGiB)
    .describe("Size of the encrypted root volume, in GiB."),
});

const network = z.strictObject({
  cidr: cidrBetween(16, 24).describe("Private addresses of the VPC. Sixteen equal subnets are planned from it."),
  zones: listOf(
    text(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}[a-z]$/, "an availability zone, such as eu-west-1a"),
    2,
    8,
    "a list of 2 to 8 availability zones",
  ).describe(
    "Availability zones of the region, over which the nodes are spread. Only append to it: the order decides the addresses.",
  ),
  egress: oneOf(["bastion", "nat-gateway", "none"])
    .default("bastion")
    .describe(
      "How private nodes reach the internet: through the bastion (no extra cost), a NAT gateway (about 35 USD a month), or not at all (needs baked images).",
    ),
  flowLogs: oneOf(["rejected", "all", "none"])
    .default("rejected")
    .describe(
      "Which traffic of the VPC is recorded in CloudWatch, for a year: what security groups reject (some cents a month), all of it (about 0.5 USD per GB of records), or none.",
    ),
});

const access = z.strictObject({
  // EC2 imports no other types.
  sshPublicKey: text(
    /^[ \t]*(ssh-ed25519|ssh-rsa)[ \t]+[A-Za-z0-9+/]+={0,2}([ \t][^\r\n]*)?\s*$/,
    "the line of an OpenSSH public key file: ssh-ed25519 or ssh-rsa, the key, and a comment or none",
  )
    .transform(plainPublicKey)
    .describe("Your OpenSSH public key, for the user `admin` on every node."),
  sshCidrs: listOf(cidr(), 1, 50, "a list of 1 to 50 IPv4 CIDRs").describe("Who may reach the bastion over SSH."),
  clientCidrs: listOf(cidr(), 1, 50, "a list of 1 to 50 IPv4 CIDRs").describe("Who may reach the registry over HTTPS."),
  openToInternet: listOf(oneOf(["ssh", "clients"]), 0, 2, "a list of ssh, clients or both")
    .default([])
    .describe(
      `Name \`ssh\` or \`clients\` here to allow CIDRs wider than /${limits.shortestPrefix}, such as 0.0.0.0/0, in sshCidrs or clientCidrs. Refused otherwise.`,
    ),
  permissionsBoundaryArn: policyArn()
    .optional()
    .describe("IAM policy that bounds what the cluster's roles can ever be granted: docs/review.md.")
    .meta({ byDefault: "no bound" }),
});

const builder = z.strictObject({
  enabled: trueOrFalse()
    .default(false)
    .describe("Whether the cluster has a node that builds images from tags of git repositories: docs/images.md."),
  builds: text(buildsFileName, "the path of a file whose name ends in builds.yml")
    .default("builds.yml")
    .describe(
      "File that lists what to build, relative to the config's folder. builds.example.yml shows what it can contain.",
    ),
  ...instance({ instanceType: "t3.small", rootVolumeGiB: 32 }),
  ami: amiId().optional().describe("Debian 12 (amd64) image.").meta({ byDefault: "the registries' AMI" }),
});

const storage = z.strictObject({
  bucket: bucketName().describe("Name of the registry's bucket. Bucket names are unique across all of AWS."),
  // A key of S3 has 1024 bytes, of which a repository's long name and a digest need some hundred.
  prefix: text(
    /^(?=.{1,200}$)(\/(?!\.+(\/|$))[A-Za-z0-9._-]+)+$/,
    "an absolute path of at most 200 characters, such as /registry",
  )
    .default("/registry")
    .describe("Folder in the bucket in which the registry stores everything."),
  provisioningBucket: bucketName()
    .optional()
    .describe("Name of the bucket from which nodes fetch their configuration.")
    .meta({ byDefault: "`storage.bucket` with `-provisioning` appended" }),
  kmsKeyArn: kmsKeyArn()
    .optional()
    .describe("KMS key of the region that encrypts both buckets.")
    .meta({ byDefault: "a key managed by S3 (AES256)" }),
  restorableDays: wholeNumber(1, 3650)
    .default(30)
    .describe("For how many days deleted and overwritten objects of either bucket can be restored."),
  redirect: trueOrFalse()
    .default(false)
    .describe("Redirect pulls to S3 with a signed URL: saves proxy traffic, but clients must reach and trust S3."),
});

const vrrp = z.strictObject({
  routerId: wholeNumber(1, 255).default(51).describe("VRRP virtual router id."),
  // VRRP version 3 carries the interval as 12 bits of centiseconds: steps of 10ms, never above 40.95s.
  advertInterval: durationBetween("10ms", "40s", "10ms")
    .prefault("100ms")
    .describe("Time between two adverts of the master."),
  downAfterAdverts: wholeNumber(3, 100)
    .default(30)
    .describe(
      "Adverts that may be missed before a backup takes over. Many short ones survive the stalls of small machines better than a few long ones.",
    ),
  // keepalived counts a check script's interval and timeout in whole seconds.
  checkInterval: durationBetween("1s", "60s", "1s")
    .prefault("1s")
    .describe("Time between two health checks of the local HAProxy and nginx."),
  checkTimeout: durationBetween("1s", "60s", "1s")
    .prefault("5s")
    .describe("A health check that takes longer has failed."),
  checkFall: wholeNumber(1, 10).default(2).describe("Failed checks in a row after which a proxy gives up the address."),
  checkRise: wholeNumber(1, 10)
    .default(2)
    .describe("Successful checks in a row after which it may take the address again."),
  reconcileInterval: durationBetween("1s", "5m")
    .prefault("5s")
    .describe(
      "How often the EIP keeper compares the real holder of the address with the VRRP state, to correct missed events.",
    ),
});

const tls = z.strictObject({
  extraNames: listOf(dnsName(), 0, 50, "a list of at most 50 DNS names")
    .default([])
    .describe("More DNS names for the server certificate."),
  validity: durationBetween("1d", "825d").prefault("397d").describe("How long a server certificate is valid."),
});

const converge = z.strictObject({
  interval: durationBetween("5m", "24h")
    .prefault("30m")
    .describe("How often each node fetches the current bundle and applies it. Nodes take turns within this time."),
});

const upgrades = z.strictObject({
  enabled: trueOrFalse()
    .default(true)
    .describe(
      "Whether every node installs Debian's upgrades each day, one node after the other. It has no effect with `network.egress: none`. Debian's own unattended-upgrades is off either way.",
    ),
  at: text(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of the day in UTC, such as 03:00")
    .default("03:00")
    .describe("When the first node begins, in UTC. The last one has finished four hours later."),
});

const backend = z.strictObject({
  s3: z
    .strictObject({
      bucket: bucketName()
        .describe("Bucket for Terraform's state. You create it once, by hand: docs/environments.md.")
        .meta({ byDefault: "none: the state is the file `terraform.NAME.tfstate` in the checkout" }),
      region: region().optional().describe("Region of that bucket.").meta({ byDefault: "the cluster's region" }),
      key: text(
        /^(?=.{1,500}$)(?!\.+(\/|$))[A-Za-z0-9_.-]+(\/(?!\.+(\/|$))[A-Za-z0-9_.-]+)*$/,
        "a path in the bucket, such as prod/registry.tfstate: letters, digits and _ . - between single slashes",
      )
        .optional()
        .describe("Name of the state in the bucket.")
        .meta({ byDefault: "`registry-cluster/NAME.tfstate`" }),
      kmsKeyArn: kmsKeyArn()
        .optional()
        .describe("KMS key that encrypts the state.")
        .meta({ byDefault: "a key managed by S3 (AES256)" }),
    })
    .optional(),
});

// An S3 object, such as the bundle, can carry ten tags; the cluster's own need room too.
const tagsAllowed = "at most 8 tags, each a name and a text";

/** Schema of the cluster config. Unknown keys are refused. */
export const clusterSchema = z.strictObject({
  name: text(
    /^(?!sg-)[a-z][a-z0-9-]{1,22}[a-z0-9]$/,
    "3 to 24 lower-case letters, digits and hyphens, starting with a letter but not with sg-, which AWS reserves",
  ).describe("Name of the cluster, part of every resource's name."),
  region: region().describe("AWS region."),
  domainName: dnsName().describe("DNS name under which clients reach the registry. Point it at the service address."),
  network,
  access,
  bastion: z.strictObject(instance({ instanceType: "t3.micro", rootVolumeGiB: 8 })),
  registries: z.strictObject({
    count: wholeNumber(2, 8).default(2).describe("Number of registry nodes. One alone is not highly available."),
    ...instance({ instanceType: "t3.micro", rootVolumeGiB: 16 }),
  }),
  proxies: z.strictObject({
    count: wholeNumber(2, 8).default(2).describe("Number of proxy nodes. One alone is not highly available."),
    ...instance({ instanceType: "t3.micro", rootVolumeGiB: 8 }),
    blobCacheGiB: wholeNumber(0, 1024)
      .default(2)
      .describe(
        "Part of the root volume for cached blobs, in GiB; 0 disables the cache. It has no effect with `storage.redirect`.",
      ),
    connectionsPerClient: wholeNumber(limits.leastConnectionsPerClient, 8192)
      .default(1000)
      .describe(
        "Connections that one address may have at once; it may open twice as many within 10 s. All clients behind a NAT gateway share one address; a client uses 3 to 6.",
      ),
  }),
  builder: builder.prefault({}),
  storage,
  vrrp: vrrp.prefault({}),
  tls: tls.prefault({}),
  converge: converge.prefault({}),
  upgrades: upgrades.prefault({}),
  backend: backend.prefault({}),
  tags: z
    .record(
      text(
        /^(?![Aa][Ww][Ss]:)[A-Za-z0-9 +\-=._:/@]{1,128}$/,
        "a tag's name: 1 to 128 letters, digits, spaces and + - = . _ : / @, not starting with aws:",
      ),
      text(
        /^[A-Za-z0-9 +\-=._:/@]{0,256}$/,
        "a tag's value: text of at most 256 letters, digits, spaces and + - = . _ : / @",
      ),
      tagsAllowed,
    )
    .refine((tags) => Object.keys(tags).length <= 8, tagsAllowed)
    .default({})
    .meta({ allowed: tagsAllowed })
    .describe("Tags for every resource."),
});

/** A checked cluster config, with all defaults filled in. */
export type ClusterConfig = z.output<typeof clusterSchema>;
