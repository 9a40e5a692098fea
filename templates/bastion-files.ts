import type { Topology } from "../config/topology.ts";
import { metadataUsers } from "./metadata-users.ts";
import type { NodeFile } from "./node-file.ts";

/** Files of the bastion only. The rules of NAT are there without it too, so that turning it off removes it. */
export function bastionFiles({ config, subnets }: Topology): NodeFile[] {
  const context = {
    metadataUsers: metadataUsers.bastion,
    hasNat: config.network.egress === "bastion",
    vpcCidr: config.network.cidr,
    privateCidrs: subnets.filter((subnet) => subnet.kind === "private").map((subnet) => subnet.cidr),
  };
  return [{ path: "/etc/nftables.conf", template: "bastion/nftables.conf.njk", context }];
}
