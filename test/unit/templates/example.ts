import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../config/load.ts";
import type { ClusterConfig } from "../../../config/schema.ts";
import type { RegistryImage } from "../../../templates/registry-files.ts";
import { type Contents, renderTree } from "../../../templates/render-tree.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import type { Topology } from "../../../topology/topology.ts";

/** Not the locked image: an upgrade of the registry must not change what the tests expect. */
export const registryImage: RegistryImage = {
  version: "3.1.2",
  archiveSha256: "a".repeat(64),
  imageId: `sha256:${"b".repeat(64)}`,
};

/** What the builder of an example makes, where it has one. */
export const buildsText = readFileSync(join(import.meta.dirname, "..", "..", "..", "builds.example.yml"), "utf8");

export const contents: Contents = {
  registryImage,
  buildkit: { archiveSha256: "c".repeat(64) },
  builds: { text: buildsText, concurrency: 2 },
};

const exampleConfig = loadConfig(join(import.meta.dirname, "..", "..", "..", "cluster.yml"));

/** The example cluster, with some sections of its config replaced. */
export function exampleTopology(changes: Partial<ClusterConfig> = {}): Topology {
  return planTopology({ ...exampleConfig, ...changes });
}

/** The rendered files of the example cluster, whose config may be changed. */
export function exampleTree(
  change: (config: ClusterConfig) => Partial<ClusterConfig> = () => ({}),
): Record<string, string> {
  return renderTree(exampleTopology(change(exampleConfig)), contents);
}

/** A file of a tree. */
export function fileOf(tree: Record<string, string>, node: string, path: string): string {
  const text = tree[node + path];
  if (text === undefined) throw new Error(`${node} has no ${path}`);
  return text;
}
