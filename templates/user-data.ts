import type { ClusterNode, Topology } from "../config/topology.ts";
import { render } from "./renderer.ts";

/** Key of the script in the provisioning bucket that fetches the current bundle and applies it. */
export const convergeScriptKey = "registry-cluster-converge";

/** What a node runs at its first boot. It changes only with the node's identity: all other change travels by bundle. */
export function renderUserData({ config, provisioningBucket }: Topology, node: ClusterNode): string {
  return render("user-data.sh.njk", {
    cluster: config.name,
    node: node.name,
    role: node.role,
    region: config.region,
    provisioningBucket,
    convergeScriptKey,
  });
}
