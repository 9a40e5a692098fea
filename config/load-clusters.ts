import { dirname, resolve } from "node:path";
import { parseBuilds, readBuilds } from "./builds.ts";
import { clashes } from "./clashes.ts";
import { clusterFilesIn, isFolder } from "./cluster-files.ts";
import { ConfigError, type FaultyFile } from "./errors.ts";
import { fault } from "./faults.ts";
import { inFile, loadConfig } from "./load.ts";
import type { ClusterConfig } from "./schema.ts";

/** A cluster, and the file that describes it. */
export interface Cluster {
  /** As the user named it, or below the folder that the user named. */
  readonly path: string;
  readonly config: ClusterConfig;
  /** What its builder builds, if it has one. */
  readonly builds?: ClusterBuilds;
}

/** The file that lists what a builder builds. */
export interface ClusterBuilds {
  readonly text: string;
  /** How many images are built at once. */
  readonly concurrency: number;
}

/**
 * Reads a config file, or every config file of a folder.
 *
 * @throws ConfigError with every fault of every file, including clashes between clusters
 */
export function loadClusters(path: string): Cluster[] {
  if (!isFolder(path)) return [loadCluster(path)];
  const { paths } = clusterFilesIn(path);
  if (paths.length === 0) throw new ConfigError([{ fileName: path, faults: [fault.folderEmpty()] }]);

  const results = paths.map(tryLoad);
  const clusters = results.flatMap(({ cluster }) => cluster ?? []);
  const faultsByFile = clashes(clusters).map(({ path, faults }) => ({ fileName: path, faults: inFile(path, faults) }));
  const files = [...results.flatMap(({ faulty }) => faulty ?? []), ...faultsByFile];
  if (files.length > 0) throw new ConfigError(files.sort((one, other) => (one.fileName < other.fileName ? -1 : 1)));
  return clusters;
}

function loadCluster(path: string): Cluster {
  const config = loadConfig(path);
  if (!config.builder.enabled) return { path, config };
  const file = resolve(dirname(path), config.builder.builds);
  const text = readBuilds(file);
  const { concurrency } = parseBuilds(text, file);
  return { path, config, builds: { text, concurrency } };
}

function tryLoad(path: string): { cluster?: Cluster; faulty?: readonly FaultyFile[] } {
  try {
    return { cluster: loadCluster(path) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { faulty: error.files };
  }
}
