import { describe, expect, it } from "vitest";
import { configWith, type Json, type Plan, plan, resources } from "./fixture.ts";

/** Every rule as one sentence: who opens connections to whom, and what kind. */
function sentences(from: Plan, direction: "ingress" | "egress"): string[] {
  const groups = Object.entries(resources(from, "aws_security_group"));
  const nameOf = (reference: string) =>
    groups.find(([id]) => reference === `\${aws_security_group.${id}.id}`)?.[1].tags.Name.replace("registry-", "");
  const peerOf = (rule: Json) => {
    if (rule.cidr_ipv4) return rule.cidr_ipv4;
    if (rule.prefix_list_id) return "s3";
    return nameOf(rule.referenced_security_group_id);
  };
  const trafficOf = (rule: Json) =>
    rule.from_port === -1 ? `protocol ${rule.ip_protocol}` : `${rule.ip_protocol} ${rule.from_port}`;
  return Object.values(resources(from, `aws_vpc_security_group_${direction}_rule`))
    .map(
      (rule) =>
        `${nameOf(rule.security_group_id)} ${direction === "ingress" ? "<-" : "->"} ${peerOf(rule)}: ${trafficOf(rule)}`,
    )
    .sort();
}

const served = [
  "bastion <- 203.0.113.0/24: tcp 22",
  "ec2-endpoint <- proxies: tcp 443",
  "proxies <- 198.51.100.0/24: tcp 443",
  "proxies <- 203.0.113.0/24: tcp 443",
  "proxies <- bastion: tcp 22",
  "proxies <- bastion: tcp 8081",
  "proxies <- proxies: protocol 112",
  "proxies <- proxies: tcp 8081",
  "proxies <- proxies: tcp 8443",
  "registries <- bastion: tcp 22",
  "registries <- bastion: tcp 5001",
  "registries <- proxies: tcp 5000",
];
const opened = [
  "bastion -> proxies: tcp 22",
  "bastion -> proxies: tcp 8081",
  "bastion -> registries: tcp 22",
  "bastion -> registries: tcp 5001",
  "proxies -> ec2-endpoint: tcp 443",
  "proxies -> proxies: protocol 112",
  "proxies -> proxies: tcp 8081",
  "proxies -> proxies: tcp 8443",
  "proxies -> registries: tcp 5000",
];
const toInternet = ["bastion", "proxies", "registries"].flatMap((group) => [
  `${group} -> 0.0.0.0/0: tcp 443`,
  `${group} -> 0.0.0.0/0: tcp 80`,
]);
const toS3 = ["bastion", "proxies", "registries"].map((group) => `${group} -> s3: tcp 443`);

describe("security groups", () => {
  const example = plan();
  const withNatGateway = plan(configWith({ network: { egress: "nat-gateway" } }));
  const withoutEgress = plan(configWith({ network: { egress: "none" } }));

  it("let in what serves and operates the cluster, and what the bastion forwards", () => {
    const forwarded = ["bastion <- registries: tcp 443", "bastion <- registries: tcp 80"];
    expect(sentences(example, "ingress")).toEqual([...served, ...forwarded].sort());
  });

  it("let nothing but their own connections and the web out", () => {
    expect(sentences(example, "egress")).toEqual([...opened, ...toInternet].sort());
  });

  it("let the bastion forward nothing when a NAT gateway does", () => {
    expect(sentences(withNatGateway, "ingress")).toEqual(served);
    expect(sentences(withNatGateway, "egress")).toEqual([...opened, ...toInternet].sort());
  });

  it("let no node reach the internet without egress, only S3 and the secrets", () => {
    const secretsIn = ["ssm-endpoint <- proxies: tcp 443", "ssm-endpoint <- registries: tcp 443"];
    const secretsOut = ["proxies -> ssm-endpoint: tcp 443", "registries -> ssm-endpoint: tcp 443"];
    expect(sentences(withoutEgress, "ingress")).toEqual([...served, ...secretsIn].sort());
    expect(sentences(withoutEgress, "egress")).toEqual([...opened, ...toS3, ...secretsOut].sort());
  });

  it("never cover a range of ports", () => {
    const rules = ["ingress", "egress"].flatMap((direction) =>
      Object.values(resources(example, `aws_vpc_security_group_${direction}_rule`)),
    );
    expect(rules.filter((rule) => rule.from_port !== rule.to_port)).toEqual([]);
  });

  it("describe every group and rule in characters that AWS accepts", () => {
    const described = [
      "aws_security_group",
      "aws_vpc_security_group_ingress_rule",
      "aws_vpc_security_group_egress_rule",
    ]
      .flatMap((type) => Object.values(resources(example, type)))
      .map((resource) => resource.description);
    for (const description of described) expect(description).toMatch(/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
  });

  it("leave the VPC's default group without rules", () => {
    const [group] = Object.values(resources(example, "aws_default_security_group"));
    expect(Object.keys(group).sort()).toEqual(["tags", "vpc_id"]);
  });

  it("let a builder reach the proxies and the internet, and only the bastion reach it", () => {
    const withBuilder = plan(configWith({ builder: { enabled: true } }));
    const added = (direction: "ingress" | "egress") =>
      sentences(withBuilder, direction).filter((sentence) => !sentences(example, direction).includes(sentence));
    expect(added("ingress")).toEqual([
      "bastion <- builder: tcp 443",
      "bastion <- builder: tcp 80",
      "builder <- bastion: tcp 22",
      "proxies <- builder: tcp 443",
    ]);
    expect(added("egress")).toEqual([
      "bastion -> builder: tcp 22",
      "builder -> 0.0.0.0/0: tcp 443",
      "builder -> 0.0.0.0/0: tcp 80",
      "builder -> proxies: tcp 443",
    ]);
  });
});
