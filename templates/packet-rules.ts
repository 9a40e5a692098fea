import { type Role, roles } from "../topology/roles.ts";
import type { NodeFile } from "./node-file.ts";

/**
 * What the programs of a node may reach.
 *
 * @param template of a role that has more rules. @default - those that every role has
 * @param context what that template needs besides
 */
export function packetRules(
  role: Role,
  template = "all/nftables.conf.njk",
  context: NodeFile["context"] = {},
): NodeFile {
  return { path: "/etc/nftables.conf", template, context: { metadataUsers: roles[role].metadataUsers, ...context } };
}
