import { provisioningKeys } from "../topology/names.ts";
import type { ClusterNode, Topology } from "../topology/topology.ts";
import { render } from "./renderer.ts";

/** Exists on a node once it has converged for the first time. */
export const convergedFile = "/var/lib/registry-cluster/converged";

/** What a node runs on its first boot. It changes only with the node's identity: the bundle delivers all other changes. */
export function renderUserData({ config, provisioningBucket }: Topology, node: ClusterNode): string {
  return render("user-data.sh.njk", {
    cluster: config.name,
    node: node.name,
    role: node.role,
    region: config.region,
    provisioningBucket,
    convergeScriptKey: provisioningKeys.convergeScript,
    convergedFile,
  });
}
