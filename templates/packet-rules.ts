import { type Role, roles } from "../topology/roles.ts";
import type { NodeFile } from "./node-file.ts";

/**
 * The packet filter: what the programs of a node may reach.
 *
 * @param template for a role that has more rules. @default - the rules of every role
 * @param context what that template needs in addition
 */
export function packetRules(
  role: Role,
  template = "all/nftables.conf.njk",
  context: NodeFile["context"] = {},
): NodeFile {
  return { path: "/etc/nftables.conf", template, context: { metadataUsers: roles[role].metadataUsers, ...context } };
}
