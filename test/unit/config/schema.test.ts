import { describe, expect, it } from "vitest";
import { stateObject } from "../../../config/derived-names.ts";
import { type Changes, faultsOf, minimalConfig, sshPublicKey } from "./minimal.ts";

describe("the minimal config", () => {
  it("gets every default", () => {
    const { vrrp, tls, converge, upgrades, ...config } = minimalConfig();

    expect(config).toMatchObject({
      network: { egress: "bastion" },
      access: { openToInternet: [] },
      bastion: { instanceType: "t3.micro", rootVolumeGiB: 8 },
      registries: { count: 2, instanceType: "t3.micro", rootVolumeGiB: 16 },
      proxies: { count: 2, instanceType: "t3.micro", rootVolumeGiB: 8, blobCacheGiB: 2, connectionsPerClient: 1000 },
      storage: { prefix: "/registry", redirect: false },
      tags: {},
    });
    expect(texts(vrrp)).toEqual({
      routerId: "51",
      advertInterval: "100ms",
      downAfterAdverts: "30",
      checkInterval: "1s",
      checkTimeout: "5s",
      checkFall: "2",
      checkRise: "2",
      reconcileInterval: "5s",
    });
    expect(texts(tls)).toEqual({ extraNames: "", validity: "397d" });
    expect(texts(converge)).toEqual({ interval: "30m" });
    expect(upgrades).toEqual({ enabled: true, at: "03:00" });
  });

  it("has no name for the provisioning bucket and no key: those are chosen later", () => {
    const { storage } = minimalConfig();
    expect([storage.provisioningBucket, storage.kmsKeyArn]).toEqual([undefined, undefined]);
  });

  function texts(section: object) {
    return Object.fromEntries(Object.entries(section).map(([key, value]) => [key, String(value)]));
  }
});

describe("the state of Terraform", () => {
  const stateOf = (s3: object) => stateObject(minimalConfig({ backend: { s3 } }));

  it("stays in a local file unless a bucket is given", () => {
    expect(stateObject(minimalConfig())).toBeUndefined();
    expect(stateObject(minimalConfig({ backend: { s3: null } }))).toBeUndefined();
  });

  it("has a place in its bucket that holds the cluster's name, in the cluster's region", () => {
    expect(stateOf({ bucket: "states" })).toEqual({
      bucket: "states",
      key: "registry-cluster/registry.tfstate",
      region: "eu-west-1",
    });
  });

  it("goes where the config says", () => {
    const given = { bucket: "states", key: "prod/a.tfstate", region: "us-east-1" };
    expect(stateOf(given)).toEqual(given);
  });

  it.each<[string, unknown, string, string]>([
    ["no section", "states", "backend.s3", "must be a section"],
    ["no bucket", { key: "a" }, "backend.s3.bucket", "missing"],
    ["a key that starts with a slash", { bucket: "states", key: "/a" }, "backend.s3.key", "not allowed"],
    ["an unknown setting", { bucket: "states", dynamodbTable: "locks" }, "backend.s3.dynamodbTable", "unknown key"],
  ])("with %s is refused", (_, s3, path, problem) => {
    expect(onlyFault({ backend: { s3 } })).toMatchObject({ path, problem });
  });
});

describe("a value that is not allowed", () => {
  it.each<[string, unknown, string]>([
    ["name", "Registry", "3 to 24 lower-case letters"],
    ["name", "re", "3 to 24 lower-case letters"],
    ["name", "registry-", "3 to 24 lower-case letters"],
    ["region", "Ireland", "an AWS region, such as eu-west-1"],
    ["domainName", "registry", "a lower-case DNS name with at least one dot"],
    ["domainName", "10.0.0.1", "a lower-case DNS name"],
    ["domainName", `${"a.".repeat(126)}ab`, "at most 253 characters"],
    ["network.cidr", "10.80.0.0", "an IPv4 CIDR from /16 to /24, such as 10.80.0.0/16"],
    ["network.cidr", "10.0.0.0/8", "an IPv4 CIDR from /16 to /24"],
    ["network.cidr", "10.0.0.0/25", "an IPv4 CIDR from /16 to /24"],
    ["network.zones", ["eu-west-1a"], "a list of 2 to 8 availability zones"],
    ["network.zones", "eu-west-1a", "a list of 2 to 8 availability zones"],
    ["network.egress", "nat", "one of bastion, nat-gateway, none"],
    ["access.sshPublicKey", "~/.ssh/id_ed25519.pub", "the line of an OpenSSH public key file"],
    ["access.sshPublicKey", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= x", "ssh-ed25519 or ssh-rsa"],
    ["access.sshCidrs", [], "a list of 1 to 50 IPv4 CIDRs"],
    ["access.clientCidrs", "0.0.0.0/0", "a list of 1 to 50 IPv4 CIDRs"],
    ["access.permissionsBoundaryArn", "registry-boundary", "the ARN of an IAM policy of your own"],
    [
      "access.permissionsBoundaryArn",
      "arn:aws:iam::aws:policy/AdministratorAccess",
      "arn:aws:iam::ACCOUNT:policy/NAME",
    ],
    ["access.permissionsBoundaryArn", "arn:aws:iam::111122223333:policy/a b", "an IAM policy of your own"],
    ["bastion.ami", "ami-123", "an AMI id: ami- and 8 or 17 hexadecimal digits"],
    ["bastion.instanceType", "micro", "an EC2 instance type (x86-64), such as t3.micro"],
    ["registries.rootVolumeGiB", 7, "a whole number from 8 to 16384"],
    ["registries.count", 9, "a whole number from 2 to 8"],
    ["proxies.count", 1, "a whole number from 2 to 8"],
    ["proxies.count", 2.5, "a whole number from 2 to 8"],
    ["proxies.blobCacheGiB", 0.5, "a whole number from 0 to 1024"],
    ["proxies.connectionsPerClient", 0, "a whole number from 16 to 8192"],
    ["proxies.count", "2", "a whole number from 2 to 8"],
    ["storage.bucket", "My.Bucket", "3 to 63 lower-case letters, digits and hyphens"],
    ["storage.bucket", "images-s3alias", "none of the prefixes and suffixes that S3 reserves"],
    ["storage.provisioningBucket", "xn--images", "none of the prefixes and suffixes that S3 reserves"],
    ["storage.prefix", "registry", "an absolute path of at most 200 characters, such as /registry"],
    ["storage.prefix", "/registry/", "an absolute path"],
    ["storage.prefix", "/registry/../other", "an absolute path"],
    ["storage.kmsKeyArn", "alias/key", "the ARN of a KMS key"],
    ["storage.redirect", "yes", "true or false"],
    ["upgrades.enabled", "yes", "true or false"],
    ["upgrades.at", "3:00", "a time of the day in UTC, such as 03:00"],
    ["upgrades.at", "24:00", "a time of the day in UTC, such as 03:00"],
    ["vrrp.routerId", 256, "a whole number from 1 to 255"],
    ["vrrp.advertInterval", "15ms", "a duration from 10ms to 40s, in steps of 10ms"],
    ["vrrp.advertInterval", "41s", "a duration from 10ms to 40s, in steps of 10ms"],
    ["vrrp.downAfterAdverts", 2, "a whole number from 3 to 100"],
    ["vrrp.checkInterval", "1500ms", "a duration from 1s to 60s, in steps of 1s"],
    ["vrrp.checkTimeout", "0.5s", "a duration from 1s to 60s, in steps of 1s"],
    ["vrrp.checkFall", 0, "a whole number from 1 to 10"],
    ["vrrp.checkRise", 11, "a whole number from 1 to 10"],
    ["vrrp.reconcileInterval", "10m", "a duration from 1s to 5m"],
    ["tls.extraNames", "registry.example.com", "a list of at most 50 DNS names"],
    ["tls.validity", "3y", "a duration from 1d to 825d"],
    ["converge.interval", 30, "a duration from 5m to 24h"],
  ])("%s: %j is refused, with the value and what is allowed", (path, value, allowed) => {
    expect(onlyFault({ [path]: value })).toMatchObject({
      path,
      value,
      problem: "not allowed",
      allowed: expect.stringContaining(allowed),
    });
  });

  it.each<[string, unknown, string]>([
    ["network.zones", ["eu-west-1a", "moon"], "network.zones[1]"],
    ["access.sshCidrs", ["10.0.0.0"], "access.sshCidrs[0]"],
    ["access.clientCidrs", ["10.0.0.0/8", "300.0.0.0/8"], "access.clientCidrs[1]"],
    ["access.openToInternet", ["everything"], "access.openToInternet[0]"],
    ["tls.extraNames", ["Registry.example.com"], "tls.extraNames[0]"],
  ])("%s: %j is refused at its place in the list", (path, value, place) => {
    expect(onlyFault({ [path]: value }).path).toBe(place);
  });

  it("comes with the default to go back to", () => {
    expect(onlyFault({ "proxies.count": 1 }).fix).toBe("give an allowed value, or remove the key for the default, 2");
    expect(onlyFault({ "vrrp.checkInterval": "2m" }).fix).toBe(
      'give an allowed value, or remove the key for the default, "1s"',
    );
  });

  it("that has no default just has to be allowed", () => {
    expect(onlyFault({ region: "Ireland" }).fix).toBe("give an allowed value");
  });

  it("comes with the duration that was meant", () => {
    expect(onlyFault({ "vrrp.advertInterval": "100m s" }).fix).toBe("write 100ms");
    expect(onlyFault({ "vrrp.checkInterval": 5 }).fix).toBe("write a number and its unit, without a space, as in 1s");
  });

  it("is called not text where a number stands in place of text", () => {
    expect(onlyFault({ tags: { cost: 42 } })).toMatchObject({
      path: "tags.cost",
      value: 42,
      problem: "must be text",
      fix: "give an allowed value, in quotes if it reads as a number or as true or false",
    });
  });
});

describe("a private key in place of a public one", () => {
  const [fault] = faultsOf({
    "access.sshPublicKey":
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n",
  });

  it("is named as such", () => {
    expect(fault?.problem).toBe("this looks like a private key, which must never be in a config file");
  });

  it("is not repeated", () => {
    expect(JSON.stringify(fault)).not.toContain("b3BlbnNzaC1rZXktdjE");
  });
});

describe("a public key", () => {
  it("may end in a line break", () => {
    expect(minimalConfig({ "access.sshPublicKey": `${sshPublicKey}\n` }).access.sshPublicKey).toBe(sshPublicKey);
  });

  it("may have no comment", () => {
    const bare = sshPublicKey.split(" ").slice(0, 2).join(" ");
    expect(minimalConfig({ "access.sshPublicKey": bare }).access.sshPublicKey).toBe(bare);
  });
});

describe("a missing key", () => {
  it("is named with its meaning", () => {
    expect(onlyFault({ region: undefined })).toEqual({
      path: "region",
      problem: "missing",
      allowed: "an AWS region, such as eu-west-1",
      fix: "add it: AWS region.",
    });
  });

  it("is missing too when nothing stands behind it", () => {
    expect(onlyFault({ "network.cidr": null })).toMatchObject({ path: "network.cidr", problem: "missing" });
  });

  it("that is a section is named with its keys", () => {
    expect(onlyFault({ bastion: undefined })).toMatchObject({
      path: "bastion",
      problem: "missing",
      allowed: "the keys ami, instanceType, rootVolumeGiB",
      fix: "add the section",
    });
  });
});

describe("a section", () => {
  it.each(["bastion", "vrrp"])("%s must not be a plain value", (path) => {
    expect(onlyFault({ [path]: "default" })).toMatchObject({
      path,
      value: "default",
      problem: "must be a section",
      fix: `write \`${path}:\` and its keys on the lines below, indented`,
    });
  });
});

describe("an unknown key", () => {
  it.each([
    ["regon", "region"],
    ["Tags", "tags"],
    ["network.zone", "network.zones"],
    ["proxies.Count", "proxies.count"],
    ["access.ssh_cidrs", "access.sshCidrs"],
    ["vrrp.checkfall", "vrrp.checkFall"],
  ])("%s is answered with the nearest known one", (path, meant) => {
    expect(onlyFault({ [path]: "x" })).toMatchObject({ path, problem: "unknown key", fix: `did you mean ${meant}?` });
  });

  it("that belongs to another section is answered with its place there", () => {
    expect(onlyFault({ bucket: "x" }).fix).toBe("did you mean storage.bucket?");
  });

  it("that is like none is answered with the known ones", () => {
    expect(onlyFault({ "converge.password": "hunter2" })).toEqual({
      path: "converge.password",
      problem: "unknown key",
      allowed: "the keys interval",
      fix: "remove it",
      line: expect.any(Number),
    });
  });

  it.each(["constructor", "__proto__", "toString"])("may be called %s", (key) => {
    expect(onlyFault({ [`network.${key}`]: 1 }).problem).toBe("unknown key");
  });
});

describe("tags", () => {
  it("may be any names and texts that every AWS service takes", () => {
    const tags = { Team: "platform", "cost center": "a/b:c=d", empty: "" };
    expect(minimalConfig({ tags }).tags).toEqual(tags);
  });

  it("must not have a name that starts with aws:", () => {
    expect(onlyFault({ tags: { "aws:x": "y" } })).toMatchObject({
      path: 'tags["aws:x"]',
      value: "aws:x",
      allowed: expect.stringContaining("not starting with aws:"),
    });
  });

  it("must not hold text that Terraform would read as a template", () => {
    expect(onlyFault({ tags: { a: "${b}" } })).toMatchObject({ path: "tags.a", problem: "not allowed" });
  });

  it("must leave room for the cluster's own", () => {
    const tags = Object.fromEntries([..."abcdefghi"].map((name) => [name, "x"]));
    expect(onlyFault({ tags })).toMatchObject({ path: "tags", allowed: "at most 8 tags, each a name and a text" });
  });
});

function onlyFault(changes: Changes) {
  const faults = faultsOf(changes);
  expect(faults).toHaveLength(1);
  return faults[0]!;
}
