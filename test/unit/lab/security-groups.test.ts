import { beforeAll, describe, expect, it } from "vitest";
import type { Plan, PlannedResource } from "../../../lab/plan.ts";
import { packetRules } from "../../../lab/security-groups.ts";
import { plan as exampleCluster } from "../stack/fixture.ts";
import { planOf, resource } from "./support.ts";

const addresses = { aws: "10.80.0.2", internetCidr: "10.81.0.0/24" };
const bastion = "10.80.0.4";
const proxies = "10.80.0.5, 10.80.16.5";
const registries = "10.80.128.4, 10.80.144.4";

/** Every resource's id is its address in the plan. */
function rulesOf(plan: Plan, instance: string): string {
  const known = new Map(plan.resources.map(({ address }) => [address, { id: address }]));
  return packetRules(plan, known, `aws_instance.${instance}`, addresses);
}

/** What the plan's rules accept in a chain: `tcp dport 22 10.80.0.4`, sorted. */
function accepted(rules: string, chain: "in" | "out"): string[] {
  const [, incoming, outgoing] = rules.split(/chain \w+ \{/) as [string, string, string];
  const lines = (chain === "in" ? incoming : outgoing).matchAll(/ip [sd]addr \{ (.*) \} (.*) ?accept/g);
  return [...lines]
    .map(([, peers, traffic]) => `${traffic?.trim()} ${peers}`)
    .filter((line) => !line.includes("169.254"))
    .sort();
}

describe("the packet rules of the example cluster", () => {
  let cluster: Plan;
  beforeAll(() => {
    cluster = planOf(exampleCluster().text);
  });

  it("let the proxies reach a registry, the bastion its shell and metrics, and nobody anything else", () => {
    expect(accepted(rulesOf(cluster, "registry-1"), "in")).toEqual([
      `tcp dport 22 ${bastion}`,
      `tcp dport 5000 ${proxies}`,
      `tcp dport 5001 ${bastion}`,
    ]);
  });

  it("let clients reach a proxy by HTTPS, from the lab's internet", () => {
    const https = accepted(rulesOf(cluster, "proxy-1"), "in").filter((rule) => rule.startsWith("tcp dport 443 "));
    expect(new Set(https)).toEqual(new Set([`tcp dport 443 ${addresses.internetCidr}`]));
  });

  it.each(["in", "out"] as const)("let VRRP go %s between the proxies only", (chain) => {
    const withVrrp = ["bastion", "proxy-1", "proxy-2", "registry-1", "registry-2"].map((node) => [
      node,
      accepted(rulesOf(cluster, node), chain).filter((rule) => rule.includes("protocol 112")),
    ]);
    expect(Object.fromEntries(withVrrp)).toEqual({
      ...{ bastion: [], "registry-1": [], "registry-2": [] },
      ...{ "proxy-1": [`ip protocol 112 ${proxies}`], "proxy-2": [`ip protocol 112 ${proxies}`] },
    });
  });

  it("let operators reach the bastion by SSH, from the lab's internet", () => {
    expect(accepted(rulesOf(cluster, "bastion"), "in")).toContain(`tcp dport 22 ${addresses.internetCidr}`);
  });

  it("let the bastion out to nothing on a registry but its shell and metrics", () => {
    const toRegistries = accepted(rulesOf(cluster, "bastion"), "out").filter((rule) => rule.endsWith(registries));
    expect(toRegistries).toEqual([`tcp dport 22 ${registries}`, `tcp dport 5001 ${registries}`]);
  });

  it("put the machine that plays AWS where the endpoint of an AWS service is", () => {
    expect(accepted(rulesOf(cluster, "proxy-1"), "out")).toContain(`tcp dport 443 ${addresses.aws}`);
  });

  it("are the same for two nodes of a role", () => {
    expect(rulesOf(cluster, "registry-2")).toBe(rulesOf(cluster, "registry-1"));
  });
});

describe("packet rules", () => {
  const instance = resource("aws_instance", "one", { private_ip: "10.80.0.9", vpc_security_group_ids: ["own"] });
  const ingress = (rule: object) =>
    resource("aws_vpc_security_group_ingress_rule", "rule", { security_group_id: "own", ip_protocol: "tcp", ...rule });
  const egress = (rule: object) => ({ ...ingress(rule), type: "aws_vpc_security_group_egress_rule" });
  const rulesWith = (...rules: PlannedResource[]) => rulesOf({ folder: "", resources: [instance, ...rules] }, "one");

  it("drop whatever no rule accepts, in both directions", () => {
    expect(rulesWith().match(/policy drop/g)).toHaveLength(2);
    expect(accepted(rulesWith(), "in")).toEqual([]);
    expect(accepted(rulesWith(), "out")).toEqual([]);
  });

  it("leave out the rules of groups that the instance is not in", () => {
    const rule = ingress({ security_group_id: "other", from_port: 22, to_port: 22, cidr_ipv4: "0.0.0.0/0" });
    expect(accepted(rulesWith(rule), "in")).toEqual([]);
  });

  it("accept every port of a protocol whose port is negative", () => {
    const rule = ingress({ ip_protocol: "112", from_port: -1, to_port: -1, cidr_ipv4: "0.0.0.0/0" });
    expect(accepted(rulesWith(rule), "in")).toEqual(["ip protocol 112 0.0.0.0/0"]);
  });

  it("accept every port of a range", () => {
    const rule = ingress({ from_port: 8000, to_port: 8010, cidr_ipv4: "0.0.0.0/0" });
    expect(accepted(rulesWith(rule), "in")).toEqual(["tcp dport 8000-8010 0.0.0.0/0"]);
  });

  it("accept all traffic of a rule for all protocols", () => {
    const rule = egress({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" });
    expect(accepted(rulesWith(rule), "out")).toEqual([" 0.0.0.0/0"]);
  });

  it("put the machine that plays AWS where a prefix list of S3 is", () => {
    const rule = egress({ from_port: 443, to_port: 443, prefix_list_id: "pl-1" });
    expect(accepted(rulesWith(rule), "out")).toEqual([`tcp dport 443 ${addresses.aws}`]);
  });
});
