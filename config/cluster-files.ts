import { readdirSync } from "node:fs";
import { join } from "node:path";

/** @returns the paths of a folder's config files, in the order of their names: every `*.yml` is a cluster. */
export function clusterFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".yml") && !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
