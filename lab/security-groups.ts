import { type Attributes, type Plan, type PlannedResource, resolve, resourcesOf } from "./plan.ts";

/** Where the lab's machines are, as far as rules need to know. */
export interface LabAddresses {
  /** The machine that plays AWS: it stands for every endpoint and for S3. */
  readonly aws: string;
  /** Addresses of the lab's clients. Nobody in the lab has an address of the real internet. */
  readonly internetCidr: string;
}

interface Rule {
  readonly security_group_id: string;
  readonly ip_protocol: string;
  readonly from_port?: number;
  readonly to_port?: number;
  readonly cidr_ipv4?: string;
  readonly prefix_list_id?: string;
  readonly referenced_security_group_id?: string;
}

interface Instance {
  readonly private_ip: string;
  readonly vpc_security_group_ids: readonly string[];
}

/**
 * What the security groups of the plan let in and out of an instance, as an nftables ruleset for that machine. Like security
 * groups it is stateful, drops without an answer, and lets AWS's own DNS, time and metadata services alone.
 *
 * @param instance address of the instance in the plan, such as `aws_instance.proxy-1`.
 */
export function packetRules(plan: Plan, attributes: Attributes, instance: string, lab: LabAddresses): string {
  const resolved = <T>(type: string) =>
    resourcesOf(plan, type).map((resource) => resolve(only(resource), attributes) as unknown as T);
  const instances = resolved<Instance>("aws_instance");
  const own = instances[resourcesOf(plan, "aws_instance").findIndex(({ address }) => address === instance)];
  const groups = new Set(own?.vpc_security_group_ids);

  const members = (group: string) => {
    const addresses = instances.filter((other) => other.vpc_security_group_ids.includes(group));
    return addresses.length > 0 ? addresses.map((other) => other.private_ip) : [lab.aws];
  };
  const peers = (rule: Rule): string[] => {
    if (rule.referenced_security_group_id) return members(rule.referenced_security_group_id);
    if (rule.prefix_list_id) return [lab.aws];
    return [rule.cidr_ipv4 === "0.0.0.0/0" ? "0.0.0.0/0" : lab.internetCidr];
  };
  const lines = (type: string, end: "saddr" | "daddr") =>
    resolved<Rule>(type)
      .filter((rule) => groups.has(rule.security_group_id))
      .map((rule) => `    ip ${end} { ${peers(rule).join(", ")} } ${traffic(rule)} accept`);

  return `table inet security_groups
delete table inet security_groups
table inet security_groups {
  chain in {
    type filter hook prerouting priority mangle; policy drop;
    iifname != "eth0" accept
    ct state established,related accept
${lines("aws_vpc_security_group_ingress_rule", "saddr").join("\n")}
  }
  chain out {
    type filter hook postrouting priority 50; policy drop;
    oifname != "eth0" accept
    ct state established,related accept
    ip daddr ${lab.aws} meta l4proto { tcp, udp } th dport 53 accept
    ip daddr { 169.254.169.254, 169.254.169.123 } accept
${lines("aws_vpc_security_group_egress_rule", "daddr").join("\n")}
  }
}
`;
}

/** The properties that rules are about: others may refer to what the lab does not make. */
function only({ type, properties }: PlannedResource): Record<string, unknown> {
  const { private_ip, vpc_security_group_ids, prefix_list_id, ...rule } = properties;
  if (type === "aws_instance") return { private_ip, vpc_security_group_ids };
  return { ...rule, prefix_list_id: prefix_list_id && "s3" };
}

function traffic({ ip_protocol, from_port, to_port = from_port }: Rule): string {
  if (ip_protocol === "-1") return "";
  if (from_port === undefined || from_port < 0) return `ip protocol ${ip_protocol}`;
  return `${ip_protocol} dport ${from_port === to_port ? from_port : `${from_port}-${to_port}`}`;
}
