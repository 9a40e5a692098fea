import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { instanceTypesOfSdk } from "../../../config/update-instance-types.ts";
import { type Changes, faultsOf, minimalConfig, sshPublicKey } from "./minimal.ts";

/** What AWS refuses half-way through a deployment, or only Terraform does, must be refused before. */
const refused: [what: string, changes: Changes, path: string, problem: string | RegExp][] = [
  ["tags that differ by case only", { tags: { Team: "a", team: "b" } }, "tags.team", "differs from Team only by case"],
  [
    "a tag that differs from one of the cluster's by case only",
    { tags: { cluster: "x" } },
    "tags.cluster",
    /sets this tag itself/,
  ],
  ["a tag that AWS keeps for itself, in any case", { tags: { "AWS:team": "x" } }, 'tags["AWS:team"]', "not allowed"],
  ["a name that security groups cannot have", { name: "sg-registry" }, "name", "not allowed"],
  [
    "a KMS key of another partition",
    { "storage.kmsKeyArn": "arn:aws-cn:kms:eu-west-1:123456789012:key/abc" },
    "storage.kmsKeyArn",
    /not in the partition aws,/,
  ],
  [
    "a KMS key of another partition for the state",
    { backend: { s3: { bucket: "states-of-all", kmsKeyArn: "arn:aws-us-gov:kms:eu-west-1:123456789012:key/abc" } } },
    "backend.s3.kmsKeyArn",
    /not in the partition aws,/,
  ],
  [
    "an instance size that does not exist",
    { "bastion.instanceType": "t3.huge" },
    "bastion.instanceType",
    "there is no such instance type",
  ],
  [
    "a size that the family does not have",
    { "proxies.instanceType": "t3.metal" },
    "proxies.instanceType",
    "there is no such instance type",
  ],
  [
    "a size that no family has",
    { "proxies.instanceType": "t9.huge" },
    "proxies.instanceType",
    "there is no such instance type",
  ],
  [
    "an instance with too little memory",
    { "registries.instanceType": "t3.nano" },
    "registries.instanceType",
    /half a GiB of memory/,
  ],
  ["an instance of ARM", { "registries.instanceType": "im4gn.large" }, "registries.instanceType", /arm64/],
  [
    "an instance of ARM with another name",
    { "registries.instanceType": "p6e-gb200.36xlarge" },
    "registries.instanceType",
    /arm64/,
  ],
  ["an instance of Apple", { "registries.instanceType": "mac1.metal" }, "registries.instanceType", /cannot boot/],
  [
    "an instance that is older than the images",
    { "registries.instanceType": "m1.large" },
    "registries.instanceType",
    /cannot boot/,
  ],
  [
    "an empty segment of a key",
    { backend: { s3: { bucket: "states-of-all", key: "a//b" } } },
    "backend.s3.key",
    "not allowed",
  ],
  [
    "a way up in a key",
    { backend: { s3: { bucket: "states-of-all", key: "a/../b" } } },
    "backend.s3.key",
    "not allowed",
  ],
  [
    "a prefix that leaves no room for keys",
    { "storage.prefix": `/${"a".repeat(300)}` },
    "storage.prefix",
    "not allowed",
  ],
  ["an empty segment of a prefix", { "storage.prefix": "/a//b" }, "storage.prefix", "not allowed"],
  [
    "two keys in one",
    { "access.sshPublicKey": `${sshPublicKey}\n${sshPublicKey}` },
    "access.sshPublicKey",
    "not allowed",
  ],
];

describe("what AWS would refuse", () => {
  it.each(refused)("is refused: %s", (_what, changes, path, problem) => {
    const faults = faultsOf(changes);
    expect(faults.map((fault) => fault.path)).toEqual([path]);
    expect(faults[0]?.problem).toMatch(problem);
  });
});

describe("what AWS takes", () => {
  const [type, key] = sshPublicKey.split(" ") as [string, string];

  it.each<[string, Changes]>([
    [
      "a region of the European sovereign cloud",
      { region: "eusc-de-east-1", "network.zones": ["eusc-de-east-1a", "eusc-de-east-1b"] },
    ],
    ["a region of GovCloud", { region: "us-gov-west-1", "network.zones": ["us-gov-west-1a", "us-gov-west-1b"] }],
    [
      "a key of the region's partition",
      {
        region: "cn-north-1",
        "network.zones": ["cn-north-1a", "cn-north-1b"],
        "storage.kmsKeyArn": "arn:aws-cn:kms:cn-north-1:123456789012:key/abc",
      },
    ],
    ["a family that is newer than this program", { "proxies.instanceType": "t9.micro" }],
    ["a large instance", { "proxies.instanceType": "c7i-flex.large" }],
    ["an instance with GPUs, whose family begins with g", { "proxies.instanceType": "g4dn.xlarge" }],
    ["tags that differ by more than case", { tags: { Team: "a", Teams: "b" } }],
  ])("is taken: %s", (_what, changes) => {
    expect(minimalConfig(changes).name).toBe("registry");
  });

  it.each([
    ["brackets", `${type} ${key} me (laptop) [old]`],
    ["an apostrophe", `${type} ${key} anna's key`],
    ["umlauts", `${type} ${key} jörg@müller`],
    ["what a shell or Terraform would read", `${type} ${key} \${x} $(y) %{z} \`w\``],
  ])("is a key whose comment has %s: the comment is left out", (_what, line) => {
    expect(minimalConfig({ "access.sshPublicKey": line }).access.sshPublicKey).toBe(`${type} ${key}`);
  });

  it.each([
    ["the line end of Windows", `${sshPublicKey}\r\n`],
    ["blanks at its end", `${sshPublicKey}  \t `],
    ["blanks at its beginning", `  ${sshPublicKey}`],
    ["more blanks than one in it", sshPublicKey.replaceAll(" ", "   ")],
  ])("is a key with %s, which are left out", (_what, line) => {
    expect(minimalConfig({ "access.sshPublicKey": line }).access.sshPublicKey).toBe(sshPublicKey);
  });
});

describe("the list of instance types", () => {
  it("is that of the SDK; write it anew with npx tsx config/update-instance-types.ts", () => {
    const content = JSON.parse(readFileSync("config/instance-types.json", "utf8")) as Record<string, string>;
    const sizes = Object.entries(content).map(([family, text]) => [family, text.split(" ")]);
    expect(Object.fromEntries(sizes)).toEqual(instanceTypesOfSdk());
  });
});
