import { users } from "../topology/names.ts";
import type { Role } from "../topology/topology.ts";
import type { NodeFile } from "./node-file.ts";

/** Who may ask the metadata service on a node, besides root: names and numbers as nftables has them. */
const metadataUsers: Readonly<Record<Role, readonly string[]>> = {
  bastion: [],
  registry: [String(users.registry)],
  proxy: [`"${users.eipKeeper}"`],
  builder: [],
};

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
  return { path: "/etc/nftables.conf", template, context: { metadataUsers: metadataUsers[role], ...context } };
}
