import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { meaningOf } from "../common/system-errors.ts";
import { ConfigError } from "./errors.ts";
import { fault } from "./faults.ts";

/** Files that say what a builder makes: `builds.yml`, `production.builds.yml`. They may lie beside those of clusters. */
export const buildsFileName = /(^|[/.])builds\.ya?ml$/i;

const configFileName = /\.ya?ml$/i;

/** What a folder of config files holds. */
export interface ClusterFiles {
  /** In the order of their names. */
  readonly paths: readonly string[];
  /** What looks like a config file but is none: hidden files, and folders. */
  readonly passedOver: readonly string[];
}

/** @returns a folder's config files: every `*.yml` and `*.yaml` that is not hidden, and says nothing about builds. */
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

/** What does not exist or cannot be looked at is no folder: reading it says what is wrong. */
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
