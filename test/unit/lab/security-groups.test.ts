import { describe, expect, it } from "vitest";
import type { Account, AccountInstance, SecurityGroupRule } from "../../../lab/account/account.ts";
import { packetRules } from "../../../lab/security-groups.ts";

const aws = { awsAddress: "10.80.0.2", s3Address: "10.80.0.3" };

const instance = (name: string, privateIp: string, ...securityGroupIds: string[]): AccountInstance => ({
  ...{ name, role: "proxy", privateIp, zone: "eu-west-1a", instanceId: `i-${name}`, securityGroupIds },
});
const one = instance("one", "10.80.0.9", "own");
const two = instance("two", "10.80.0.10", "own");
const other = instance("other", "10.80.0.11", "other");

/** A rule of the group `own` for a TCP port, open to nobody. */
const rule = (changes: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  ...{ groupId: "own", direction: "in", protocol: "tcp", ports: { from: 22, to: 22 } },
  ...{ cidrs: [], groupIds: [], prefixListIds: [], ...changes },
});

/** What the rules accept of the instance `one` in a direction: `tcp dport 22 10.80.0.4`. */
function accepted(direction: "in" | "out", ...rules: SecurityGroupRule[]): string[] {
  const [, incoming, outgoing] = rulesOf(...rules).split(/chain \w+ \{/) as [string, string, string];
  const lines = (direction === "in" ? incoming : outgoing).matchAll(/ip [sd]addr ([\d./]+) (.*) ?accept/g);
  return [...lines]
    .map(([, peer, traffic]) => `${traffic?.trim()} ${peer}`)
    .filter((line) => !line.includes("th dport"));
}

function rulesOf(...rules: SecurityGroupRule[]): string {
  const endpoints = ["a", "b"].map((letter, index) => ({
    ...{ privateIp: `10.80.${index}.254`, zone: `eu-west-1${letter}`, securityGroupIds: ["endpoint"] },
  }));
  const account: Account = { instances: [one, two, other], endpoints, rules, serviceAddress: "10.81.0.130" };
  return packetRules(account, one, aws);
}

describe("packet rules", () => {
  it("drop whatever no rule accepts, in both directions", () => {
    expect(rulesOf().match(/policy drop/g)).toHaveLength(2);
    expect(accepted("in")).toEqual([]);
    expect(accepted("out")).toEqual([]);
  });

  it.each(["in", "out"] as const)("let traffic %s only where the rule says so", (direction) => {
    const opposite = direction === "in" ? "out" : "in";
    const rules = [rule({ direction, cidrs: ["203.0.113.0/24"] })];
    expect(accepted(direction, ...rules)).toEqual(["tcp dport 22 203.0.113.0/24"]);
    expect(accepted(opposite, ...rules)).toEqual([]);
  });

  it("leave out the rules of groups that the instance is not in", () => {
    expect(accepted("in", rule({ groupId: "other", cidrs: ["0.0.0.0/0"] }))).toEqual([]);
  });

  it("accept every port of a protocol that has none", () => {
    const vrrp = rule({ protocol: "112", ports: undefined, cidrs: ["0.0.0.0/0"] });
    expect(accepted("in", vrrp)).toEqual(["ip protocol 112 0.0.0.0/0"]);
  });

  it("accept every port of a range", () => {
    const range = rule({ ports: { from: 8000, to: 8010 }, cidrs: ["0.0.0.0/0"] });
    expect(accepted("in", range)).toEqual(["tcp dport 8000-8010 0.0.0.0/0"]);
  });

  it("accept all traffic of a rule for all protocols", () => {
    const all = rule({ direction: "out", protocol: "-1", ports: undefined, cidrs: ["0.0.0.0/0"] });
    expect(accepted("out", all)).toEqual(["0.0.0.0/0"].map((peer) => ` ${peer}`));
  });

  it("know a group by the addresses of the instances that are in it", () => {
    expect(accepted("in", rule({ groupIds: ["own"] }))).toEqual(["tcp dport 22 10.80.0.10", "tcp dport 22 10.80.0.9"]);
  });

  it("know the group of an endpoint by its address in each zone", () => {
    expect(accepted("out", rule({ direction: "out", groupIds: ["endpoint"] }))).toEqual([
      "tcp dport 22 10.80.0.254",
      "tcp dport 22 10.80.1.254",
    ]);
  });

  it("put S3's address where its prefix list is", () => {
    expect(accepted("out", rule({ direction: "out", prefixListIds: ["pl-1"] }))).toEqual([
      `tcp dport 22 ${aws.s3Address}`,
    ]);
  });
});
