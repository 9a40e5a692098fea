import { describe, expect, it } from "vitest";
import { judge } from "../../../../operate/preflight/checks.ts";
import type { AccountFacts, Facts, Image, Refusal } from "../../../../operate/preflight/facts.ts";
import { isStandard } from "../../../../operate/preflight/quotas.ts";
import { planTopology } from "../../../../topology/plan-topology.ts";
import { type Changes, minimalConfig } from "../../config/minimal.ts";

const ami = "ami-0123456789abcdef0";
const debian: Image = { state: "available", architecture: "x86_64" };

/** An account in which everything is ready for the minimal config. */
const account: AccountFacts = {
  zones: { value: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] },
  images: { value: new Map([[ami, debian]]) },
  offerings: { value: new Map([["t3.micro", ["eu-west-1a", "eu-west-1b"]]]) },
  elasticIps: { value: { limit: 5, inUse: 3, ofCluster: 0 } },
  vcpus: { value: { limit: 32, inUse: 4, ofCluster: 0, byType: new Map([["t3.micro", 2]]) } },
  vpcs: { value: { limit: 5, inUse: 1, ofCluster: 0 } },
  roles: { value: [] },
  hasKeyPair: { value: false },
  registryBucket: { value: "nobody" },
  provisioningBucket: { value: "nobody" },
  secrets: {
    value: ["proxy/server-key", "proxy/server-certificate", "registry/http-secret", "registry/htpasswd"].map(
      (path) => `/registry-cluster/registry/${path}`,
    ),
  },
};

const facts: Facts = {
  identity: { value: { account: "111122223333", arn: "arn:aws:iam::111122223333:user/operator" } },
  isRegionDisabled: false,
  account,
  archives: [{ name: "registry image", path: "/cache/images/a.tar", exists: true }],
  hasLocalState: false,
};

const judged = (changes: Partial<Facts>, config: Changes = {}) =>
  judge(planTopology(minimalConfig(config)), { ...facts, ...changes });
const judgedAccount = (changes: Partial<AccountFacts>, config: Changes = {}) =>
  judged({ account: { ...account, ...changes } }, config);
const images = (image: Partial<Image>) => ({ images: { value: new Map([[ami, { ...debian, ...image }]]) } });
const refusal = (kind: Refusal["kind"]) => ({ refusal: { kind, words: "words of AWS" } });

describe("a cluster that can be deployed", () => {
  it("has no problem, and a line for everything that was checked", () => {
    const { problems, notes, passed } = judged({});
    expect({ problems, notes }).toEqual({ problems: [], notes: [] });
    expect(passed).toEqual([
      "credentials: arn:aws:iam::111122223333:user/operator, account 111122223333",
      "zones: eu-west-1a, eu-west-1b",
      `images: ${ami}`,
      "instance types: t3.micro",
      "Elastic IPs: 2 needed, 2 of 5 free",
      "vCPUs: 10 needed, 28 of 32 free",
      "VPCs: 1 needed, 4 of 5 free",
      "bucket: registry-images is free",
      "bucket: registry-images-provisioning is free",
      "secrets: all in SSM",
      "registry image: in the cache",
    ]);
  });
});

describe("credentials", () => {
  const without = (kind: Refusal["kind"]) => judged({ identity: refusal(kind), account: undefined });

  it.each<[Refusal["kind"], string, string]>([
    ["no credentials", "there are none", "set AWS_PROFILE"],
    ["expired", "they have expired (words of AWS)", "log in again"],
    ["unknown credentials", "AWS does not know them in eu-west-1 (words of AWS)", "check the profile or keys"],
  ])("that are refused (%s) are the one problem of AWS, with the way to mend it", (kind, what, fix) => {
    const { problems } = without(kind);
    expect(problems).toMatchObject([{ subject: "AWS credentials", problem: what, fix: expect.stringContaining(fix) }]);
  });

  it("that a region which is not enabled refuses are the region's problem", () => {
    const { problems } = judged({
      identity: refusal("unknown credentials"),
      isRegionDisabled: true,
      account: undefined,
    });
    expect(problems).toMatchObject([{ path: "region", value: "eu-west-1", fix: expect.stringContaining("enable it") }]);
  });

  it("that cannot be checked because nobody answers are the region's problem", () => {
    expect(without("unreachable").problems).toMatchObject([
      { path: "region", value: "eu-west-1", allowed: "a region of AWS" },
    ]);
  });

  it("do not hide what is missing on this machine", () => {
    const missing = { name: "registry image", path: "/cache/images/a.tar", exists: false };
    const { problems } = judged({ identity: refusal("expired"), account: undefined, archives: [missing] });
    expect(problems.map(({ subject }) => subject)).toEqual(["AWS credentials", "registry image"]);
  });

  it("that may not ask something are told what they need, and everything else is still checked", () => {
    const { problems, passed } = judgedAccount({ images: refusal("denied") });
    expect(problems).toMatchObject([{ fix: "add ec2:DescribeImages to the policy of this user or role" }]);
    expect(passed).toHaveLength(10);
  });

  it("that expire on the way are said to have expired once", () => {
    const { problems } = judgedAccount({ zones: refusal("expired"), images: refusal("expired") });
    expect(problems).toHaveLength(1);
  });
});

describe("zones", () => {
  it("must be among those that the account has", () => {
    expect(judgedAccount({ zones: { value: ["eu-west-1a", "eu-west-1c"] } }).problems).toMatchObject([
      { path: "network.zones[1]", value: "eu-west-1b", allowed: "eu-west-1a, eu-west-1c" },
    ]);
  });
});

describe("an AMI", () => {
  it("that does not exist is named once, with every place that names it", () => {
    expect(judgedAccount({ images: { value: new Map() } }).problems).toMatchObject([
      {
        path: "bastion.ami",
        value: ami,
        problem: "there is no such image in eu-west-1 that this account may use (also at registries.ami, proxies.ami)",
      },
    ]);
  });

  it.each<[string, Partial<Image>, string]>([
    ["is not available", { state: "deregistered" }, "the image is deregistered"],
    ["is for another processor", { architecture: "arm64" }, "an image for arm64"],
  ])("that %s is a problem", (_, image, what) => {
    expect(judgedAccount(images(image)).problems).toMatchObject([
      { path: "bastion.ami", problem: expect.stringContaining(what) },
    ]);
  });
});

describe("an instance type", () => {
  it("must be offered in the zones in which its nodes stand, and in no others", () => {
    const offerings = { value: new Map([["t3.micro", ["eu-west-1a"]]]) };
    const { problems } = judgedAccount({ offerings });
    expect(problems.map(({ path }) => path)).toEqual(["registries.instanceType", "proxies.instanceType"]);
    expect(problems[0]).toMatchObject({ value: "t3.micro", problem: "not offered in eu-west-1b" });
  });

  it("that is offered nowhere says so", () => {
    const { problems } = judgedAccount({}, { "bastion.instanceType": "t9.micro" });
    expect(problems).toMatchObject([
      { path: "bastion.instanceType", allowed: expect.stringContaining("this one is in none") },
    ]);
  });
});

describe("a builder", () => {
  const builder = {
    "builder.enabled": true,
    "builder.instanceType": "t3.large",
    "builder.ami": "ami-0bbbbbbbbbbbbbbbb",
  };

  it("must have an instance type that is offered in its zone", () => {
    const offerings = { value: new Map([["t3.micro", ["eu-west-1a", "eu-west-1b"]]]) };
    const { problems, passed } = judgedAccount({ offerings }, builder);
    expect(problems).toContainEqual(
      expect.objectContaining({
        path: "builder.instanceType",
        value: "t3.large",
        problem: "not offered in eu-west-1a",
      }),
    );
    expect(passed.filter((text) => text.startsWith("instance types"))).toEqual([]);
  });

  it("must have an image that exists, and the problem names its setting", () => {
    expect(judgedAccount({}, builder).problems).toContainEqual(
      expect.objectContaining({ path: "builder.ami", value: "ami-0bbbbbbbbbbbbbbbb" }),
    );
  });

  it("that has the registries' image is not named for it", () => {
    const { problems } = judgedAccount({ images: { value: new Map() } }, { "builder.enabled": true });
    expect(problems.map(({ path }) => path)).not.toContain("builder.ami");
  });

  it("that the config does not want is not asked about", () => {
    const { problems } = judgedAccount({}, { ...builder, "builder.enabled": false });
    expect(problems.filter(({ path }) => path?.startsWith("builder"))).toEqual([]);
  });
});

describe("virtual CPUs", () => {
  const vcpus = (limit: number, inUse: number, ofCluster = 0) => ({
    vcpus: { value: { limit, inUse, ofCluster, byType: new Map([["t3.micro", 2]]) } },
  });

  it("must be free for every node: a new account has too few", () => {
    expect(judgedAccount(vcpus(5, 0)).problems).toMatchObject([
      {
        subject: "vCPUs",
        problem: "5 of 5 are free in eu-west-1, and this cluster needs 10 more",
        fix: expect.stringContaining("--quota-code L-1216C47A --desired-value 10"),
      },
    ]);
  });

  it("that other instances use are not free", () => {
    expect(judgedAccount(vcpus(32, 23)).problems).toHaveLength(1);
    expect(judgedAccount(vcpus(32, 22)).problems).toEqual([]);
  });

  it("that the cluster has already need not be free", () => {
    expect(judgedAccount(vcpus(10, 10, 10)).problems).toEqual([]);
  });

  it("that AWS does not count for these credentials are no problem, but a note", () => {
    const { problems, notes } = judgedAccount({ vcpus: refusal("denied") });
    expect(problems).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("the quota of vCPUs was not checked")]);
  });

  it.each([
    ["t3.micro", true],
    ["im4gn.large", true],
    ["g5.xlarge", false],
    ["inf2.xlarge", false],
    ["mac2.metal", false],
  ])("are counted by the quota for %s: %s", (type, isCounted) => {
    expect(isStandard(type)).toBe(isCounted);
  });
});

describe("VPCs", () => {
  const vpcs = (inUse: number, ofCluster = 0) => ({ vpcs: { value: { limit: 5, inUse, ofCluster } } });

  it("must have one free", () => {
    expect(judgedAccount(vpcs(5)).problems).toMatchObject([
      {
        subject: "VPCs",
        problem: "0 of 5 are free in eu-west-1, and this cluster needs 1 more",
        fix: expect.stringContaining("--service-code vpc --quota-code L-F678F1CE --desired-value 6"),
      },
    ]);
  });

  it("that the cluster has already need not be free", () => {
    expect(judgedAccount(vpcs(5, 1)).problems).toEqual([]);
  });

  it("that AWS does not count for these credentials are no problem, but a note", () => {
    const { problems, notes } = judgedAccount({ vpcs: refusal("denied") });
    expect(problems).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("the quota of VPCs was not checked")]);
  });
});

describe("roles and instance profiles of the cluster's names", () => {
  const taken = { roles: { value: ["role registry-eu-west-1-proxy", "instance profile registry-eu-west-1-proxy"] } };

  it("must not exist before the cluster does", () => {
    expect(judgedAccount(taken).problems).toMatchObject([
      {
        path: "name",
        value: "registry",
        problem: expect.stringMatching(/: role registry-eu-west-1-proxy, instance profile registry-eu-west-1-proxy$/),
      },
    ]);
  });

  it("are its own after that", () => {
    expect(judged({ account: { ...account, ...taken }, hasLocalState: true }).problems).toEqual([]);
  });

  it("that these credentials may not see are no problem, but a note", () => {
    const { problems, notes } = judgedAccount({ roles: refusal("denied") });
    expect(problems).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("whether the names of the roles are free was not checked")]);
  });
});

describe("a key pair of the cluster's name", () => {
  const taken = { hasKeyPair: { value: true } };

  it("must not exist before the cluster does", () => {
    expect(judgedAccount(taken).problems).toMatchObject([{ path: "name", value: "registry" }]);
  });

  it("is its own after that", () => {
    expect(judged({ account: { ...account, ...taken }, hasLocalState: true }).problems).toEqual([]);
  });
});

describe("Elastic IPs", () => {
  const ips = (inUse: number, ofCluster = 0, limit?: number) => ({
    elasticIps: { value: { limit, inUse, ofCluster } },
  });

  it("must be free for the service address and the bastion", () => {
    expect(judgedAccount(ips(4, 0, 5)).problems).toMatchObject([
      { subject: "Elastic IPs", problem: "1 of 5 are free in eu-west-1, and this cluster needs 2 more" },
    ]);
  });

  it("must be free for a NAT gateway too", () => {
    expect(judgedAccount(ips(3, 0, 5), { "network.egress": "nat-gateway" }).problems).toHaveLength(1);
  });

  it("that the cluster has already need not be free", () => {
    expect(judgedAccount(ips(5, 2, 5)).problems).toEqual([]);
  });

  it("are no problem when AWS does not say how many there may be", () => {
    expect(judgedAccount(ips(100)).problems).toEqual([]);
  });
});

describe("a bucket's name", () => {
  it("that another account has is a problem", () => {
    expect(judgedAccount({ registryBucket: { value: "hidden" } }).problems).toMatchObject([
      { path: "storage.bucket", value: "registry-images", problem: expect.stringContaining("taken") },
    ]);
  });

  it("that is taken in another region is a problem", () => {
    const { problems } = judgedAccount({ provisioningBucket: { value: { inRegion: "us-east-1" } } });
    expect(problems).toMatchObject([
      {
        path: "storage.provisioningBucket",
        value: "registry-images-provisioning",
        problem: "a bucket of this name is in us-east-1",
      },
    ]);
  });

  it("that this account has already is no problem, but the way to import it is said", () => {
    const { problems, notes } = judgedAccount({ registryBucket: { value: "us" } });
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      expect.stringContaining(
        "terraform -chdir=cdktf.out/stacks/registry import aws_s3_bucket.registry_bucket registry-images",
      ),
    ]);
  });

  it("that this account has is not even mentioned when the cluster was deployed before", () => {
    const { notes } = judged({ hasLocalState: true, account: { ...account, registryBucket: { value: "us" } } });
    expect(notes).toEqual([]);
  });
});

describe("what must be made first", () => {
  it("are the secrets that the nodes read", () => {
    const { problems } = judgedAccount({ secrets: { value: ["/registry-cluster/registry/registry/htpasswd"] } });
    expect(problems).toMatchObject([
      {
        subject: "secrets",
        problem: expect.stringMatching(/registry\/http-secret.*proxy\/server-key.*proxy\/server-certificate$/),
        fix: "npx registry-cluster access init",
      },
    ]);
  });

  it("is each archive that the deployment uploads", () => {
    const archives = [
      { name: "registry image", path: "/cache/images/a.tar", exists: true },
      { name: "BuildKit", path: "/cache/buildkit/b.tar", exists: false },
    ];
    expect(judged({ archives }).problems).toMatchObject([
      {
        subject: "BuildKit",
        problem: expect.stringContaining("/cache/buildkit/b.tar"),
        fix: "npx registry-cluster artifacts build",
      },
    ]);
  });
});

describe("a state in S3", () => {
  const config = { "backend.s3": { bucket: "states" } };
  const remoteState = (bucket: "nobody" | "us" | "hidden" | { inRegion: string }, isThere?: boolean) => ({
    remoteState: { bucket: { value: bucket }, isThere: isThere === undefined ? undefined : { value: isThere } },
  });

  it("is checked when the config says so", () => {
    const { problems, passed } = judgedAccount(remoteState("us", true), config);
    expect(problems).toEqual([]);
    expect(passed).toContain("state: s3://states/registry-cluster/registry.tfstate");
  });

  it.each<["nobody" | "hidden" | { inRegion: string }, string, string]>([
    ["nobody", "backend.s3.bucket", "there is no such bucket"],
    ["hidden", "backend.s3.bucket", "another account's, or these credentials may not see it"],
    [{ inRegion: "us-east-1" }, "backend.s3.region", "the bucket is in us-east-1"],
  ])("needs a bucket that can be reached: %j is a problem", (owner, path, what) => {
    expect(judgedAccount(remoteState(owner), config).problems).toMatchObject([{ path, problem: what }]);
  });

  it("that was not moved there yet is a problem: a deployment would make everything a second time", () => {
    const changes = { hasLocalState: true, account: { ...account, ...remoteState("us", false) } };
    expect(judged(changes, config).problems).toMatchObject([
      { path: "backend.s3", problem: expect.stringContaining("terraform.registry.tfstate has one") },
    ]);
  });

  it("is empty before the first deployment", () => {
    expect(judgedAccount(remoteState("us", false), config).problems).toEqual([]);
  });
});
