import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { meaningOf } from "../common/system-errors.ts";
import { ConfigError } from "./errors.ts";
import { fault } from "./faults.ts";

/** Files that list what a builder builds: `builds.yml`, `production.builds.yml`. They may be in the same folder as cluster configs. */
export const buildsFileName = /(^|[/.])builds\.ya?ml$/i;

const configFileName = /\.ya?ml$/i;

/** What a folder of config files holds. */
export interface ClusterFiles {
  /** In the order of their names. */
  readonly paths: readonly string[];
  /** What looks like a config file but is not one: hidden files, and folders. */
  readonly passedOver: readonly string[];
}

/** @returns a folder's config files: every `*.yml` and `*.yaml` that is neither hidden nor a list of builds. */
export function clusterFilesIn(folder: string): ClusterFiles {
  const entries = entriesOf(folder)
    .filter(({ name }) => configFileName.test(name) && !buildsFileName.test(name))
    .map(({ name, isFolder }) => ({ path: join(folder, name), isConfig: !name.startsWith(".") && !isFolder }));
  const paths = (isConfig: boolean) =>
    entries
      .filter((entry) => entry.isConfig === isConfig)
      .map(({ path }) => path)
      .sort();
  return { paths: paths(true), passedOver: paths(false) };
}

/** False also for what does not exist or cannot be read: the attempt to read it reports that. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(folder: string): { name: string; isFolder: boolean }[] {
  try {
    return readdirSync(folder).map((name) => ({ name, isFolder: isFolder(join(folder, name)) }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const unreadable = fault.fileUnreadable(meaningOf(code)?.problem ?? String(code));
    throw new ConfigError([{ fileName: folder, faults: [unreadable] }]);
  }
}
