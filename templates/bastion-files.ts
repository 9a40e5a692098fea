import type { Topology } from "../topology/topology.ts";
import type { NodeFile } from "./node-file.ts";
import { packetRules } from "./packet-rules.ts";

/** Files of the bastion only. The rules file exists even without NAT, so that turning NAT off removes its rules. */
export function bastionFiles({ config, subnets }: Topology): NodeFile[] {
  const context = {
    hasNat: config.network.egress === "bastion",
    vpcCidr: config.network.cidr,
    privateCidrs: subnets.filter((subnet) => subnet.kind === "private").map((subnet) => subnet.cidr),
  };
  return [packetRules("bastion", "bastion/nftables.conf.njk", context)];
}
