import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Files that say what a builder makes: `builds.yml`, `production.builds.yml`. They may lie beside those of clusters. */
export const buildsFileName = /(^|[/.])builds\.yml$/;

/** @returns the paths of a folder's config files, in the order of their names: every other `*.yml` is a cluster. */
export function clusterFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".yml") && !buildsFileName.test(entry.name) && !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
