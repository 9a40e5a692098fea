import { users } from "../config/names.ts";
import type { Role } from "../config/topology.ts";

/** Who may ask the metadata service on a node, besides root: names and numbers as nftables has them. */
export const metadataUsers: Readonly<Record<Role, readonly string[]>> = {
  bastion: [],
  registry: [String(users.registry)],
  proxy: [`"${users.eipKeeper}"`],
  builder: [],
};
