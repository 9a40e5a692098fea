import type { Account, AccountInstance, SecurityGroupRule } from "./account/account.ts";
import type { LabState } from "./state.ts";

/**
 * What the account's security groups let in and out of an instance, as an nftables ruleset for its machine. Like security
 * groups, it is stateful, drops without an answer, and does not filter AWS's own DNS, time and metadata services.
 *
 * @param aws addresses of AWS: that of its resolver, and that of S3.
 */
export function packetRules(account: Account, instance: AccountInstance, aws: AwsEnds): string {
  const lines = (direction: "in" | "out", end: "saddr" | "daddr") =>
    account.rules
      .filter((rule) => rule.direction === direction && instance.securityGroupIds.includes(rule.groupId))
      .flatMap((rule) => peers(account, rule, aws).map((peer) => `    ip ${end} ${peer} ${traffic(rule)} accept`))
      .join("\n");

  return `table inet security_groups
delete table inet security_groups
table inet security_groups {
  chain in {
    type filter hook prerouting priority mangle; policy drop;
    iifname != "eth0" accept
    ct state established,related accept
${lines("in", "saddr")}
  }
  chain out {
    type filter hook postrouting priority 50; policy drop;
    oifname != "eth0" accept
    ct state established,related accept
    ip daddr ${aws.awsAddress} meta l4proto { tcp, udp } th dport 53 accept
    ip daddr { 169.254.169.254, 169.254.169.123 } accept
${lines("out", "daddr")}
  }
}
`;
}

type AwsEnds = Pick<LabState, "awsAddress" | "s3Address">;

function peers({ instances, endpoints }: Account, rule: SecurityGroupRule, { s3Address }: AwsEnds): string[] {
  const members = (groupId: string) =>
    [...instances, ...endpoints]
      .filter(({ securityGroupIds }) => securityGroupIds.includes(groupId))
      .map(({ privateIp }) => privateIp);
  return [...rule.cidrs, ...rule.groupIds.flatMap(members), ...rule.prefixListIds.map(() => s3Address)].sort();
}

function traffic({ protocol, ports }: SecurityGroupRule): string {
  if (protocol === "-1") return "";
  if (!ports) return `ip protocol ${protocol}`;
  return `${protocol} dport ${ports.from === ports.to ? ports.from : `${ports.from}-${ports.to}`}`;
}
