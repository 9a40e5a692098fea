import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildkit } from "../../artifacts/buildkit.ts";
import { exists } from "../../artifacts/cache.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import { stateFile } from "../../config/derived-names.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { isFetched } from "../../topology/roles.ts";
import { askAccount, askIdentity, type Clients, isRegionDisabled } from "./ask-aws.ts";
import { type Findings, judge } from "./checks.ts";
import type { Archive } from "./facts.ts";

/**
 * Checks AWS and this machine for everything that would make a deployment of the cluster fail half-way. Changes nothing.
 *
 * @param checkout - folder in which a local state is kept
 */
export async function preflight(config: ClusterConfig, clients: Clients, checkout: string): Promise<Findings> {
  const topology = planTopology(config);
  const identity = await askIdentity(clients, config.region);
  return judge(topology, {
    identity,
    isRegionDisabled: await isRegionDisabled(clients, identity),
    account: "value" in identity ? await askAccount(clients, topology, identity.value.account) : undefined,
    archives: [
      await archive("registry image", registryImage.archivePath()),
      ...(isFetched(config, "programs") ? [await archive("BuildKit", buildkit.archivePath())] : []),
    ],
    hasLocalState: holdsResources(join(checkout, stateFile(config.name))),
  });
}

const archive = async (name: string, path: string): Promise<Archive> => ({ name, path, exists: await exists(path) });

/** Terraform leaves an empty state behind when it has destroyed everything or moved the state away. */
function holdsResources(path: string): boolean {
  try {
    return JSON.parse(readFileSync(path, "utf8")).resources.length > 0;
  } catch {
    return false;
  }
}
