import { SecurityGroup as AwsSecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { vrrpProtocol } from "../topology/ports.ts";
import type { Network } from "./network.ts";
import { type Skips, skipChecks } from "./scanner-skip.ts";

/** The other end of a rule. */
export interface Peer {
  /** Part of the rule's construct id. A name, so that adding or removing a rule does not rename others. */
  readonly peerName: string;
  readonly rule: {
    readonly cidrIpv4?: string;
    readonly prefixListId?: string;
    readonly referencedSecurityGroupId?: string;
  };
}

/** @returns addresses outside the cluster. */
export function addresses(cidr: string): Peer {
  return { peerName: cidr, rule: { cidrIpv4: cidr } };
}

export const internet = addresses("0.0.0.0/0");

/** @returns the addresses of S3 in the network's region. */
export function s3Of(network: Network): Peer {
  return { peerName: "s3", rule: { prefixListId: network.s3.prefixListId } };
}

/** What a rule lets through. */
export interface Traffic {
  readonly trafficName: string;
  readonly rule: { readonly ipProtocol: string; readonly fromPort: number; readonly toPort: number };
}

export function tcp(port: number): Traffic {
  return { trafficName: `tcp-${port}`, rule: { ipProtocol: "tcp", fromPort: port, toPort: port } };
}

/** Adverts between proxies: a separate IP protocol without ports, which AWS writes as port -1. */
export const vrrp: Traffic = {
  trafficName: "vrrp",
  rule: { ipProtocol: String(vrrpProtocol), fromPort: -1, toPort: -1 },
};

export interface SecurityGroupProps {
  readonly network: Network;
  /** Who is in the group. AWS does not allow changes: a new text replaces the group. */
  readonly description: string;
}

/** A security group that lets nothing in or out except by the rules that are added. */
export class SecurityGroup extends Construct implements Peer {
  readonly id: string;
  readonly peerName: string;
  readonly rule: Peer["rule"];

  constructor(scope: Construct, id: string, props: SecurityGroupProps) {
    super(scope, id);
    const name = `${props.network.name}-${id}`;
    // the provider removes AWS's default rule, which allows all outgoing traffic
    const group = new AwsSecurityGroup(this, "group", {
      vpcId: props.network.vpc.id,
      name,
      description: props.description,
      tags: { Name: name },
    });
    this.id = group.id;
    this.peerName = id;
    this.rule = { referencedSecurityGroupId: group.id };
  }

  allowFrom(source: Peer, traffic: Traffic, description: string): void {
    const id = `from-${source.peerName}-${traffic.trafficName}`;
    const rule = new VpcSecurityGroupIngressRule(this, id, {
      securityGroupId: this.id,
      ...source.rule,
      ...traffic.rule,
      description,
    });
    skipChecks(rule, falseAlarms(ingressChecks, source, traffic));
  }

  allowTo(destination: Peer, traffic: Traffic, description: string): void {
    const id = `to-${destination.peerName}-${traffic.trafficName}`;
    const rule = new VpcSecurityGroupEgressRule(this, id, {
      securityGroupId: this.id,
      ...destination.rule,
      ...traffic.rule,
      description,
    });
    skipChecks(rule, falseAlarms(egressChecks, destination, traffic));
  }
}

/** checkov's checks for rules that are open to the internet, by the port that they look at. */
const ingressChecks: Readonly<Record<number, string>> = { 22: "CKV_AWS_24", 80: "CKV_AWS_260", [-1]: "CKV_AWS_277" };
const egressChecks: Readonly<Record<number, string>> = { [-1]: "CKV_AWS_382" };

/** @returns the check that mistakes a rule between two groups for one that is open to the internet. */
function falseAlarms(checks: Readonly<Record<number, string>>, peer: Peer, traffic: Traffic): Skips {
  const check = checks[traffic.rule.fromPort];
  if (!check || !peer.rule.referencedSecurityGroupId) return {};
  return {
    [check]: "A false alarm: the other end is a security group of the cluster, which this check does not look at.",
  };
}

/** Lets the members of one group open connections to those of another, by a rule in each group. */
export function connect(from: SecurityGroup, to: SecurityGroup, traffic: Traffic, description: string): void {
  from.allowTo(to, traffic, description);
  to.allowFrom(from, traffic, description);
}
