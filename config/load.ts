import { readFileSync } from "node:fs";
import { clusterFilesIn } from "./cluster-files.ts";
import { readDocument } from "./document.ts";
import { ConfigError, type Fault } from "./errors.ts";
import { fault } from "./faults.ts";
import { faultsOfIssues } from "./issues.ts";
import { brokenRules } from "./rules.ts";
import { type ClusterConfig, clusterSchema } from "./schema.ts";
import { isMapping, readableParts, withoutEmptyKeys } from "./sections.ts";

/**
 * Reads a config file.
 *
 * @throws ConfigError with every fault of the file; also when it is a folder, which says what is in it
 */
export function loadConfig(path: string): ClusterConfig {
  return parseConfig(readText(path), path);
}

/**
 * Reads the text of a config file.
 *
 * @param fileName - what error messages call the file
 * @throws ConfigError with every fault of the text
 */
export function parseConfig(text: string, fileName: string): ClusterConfig {
  const document = readDocument(text);
  const { config, faults } = document.data === undefined ? { faults: [] } : checkConfig(document.data);
  const allFaults = [...document.faults, ...faults.map((fault) => withLine(fault, document.lines))];
  if (!config || allFaults.length > 0) throw new ConfigError([{ fileName, faults: inOrderOfFile(allFaults) }]);
  return config;
}

/** Checks what a config file says. Rules that need no faulty value are checked even if other values have faults. */
function checkConfig(data: unknown): { config?: ClusterConfig; faults: Fault[] } {
  const keys = Object.keys(clusterSchema.shape);
  if (data === null) return { faults: [fault.fileEmpty(keys)] };
  if (!isMapping(data)) return { faults: [fault.notSection("", data, keys)] };

  const given = withoutEmptyKeys(clusterSchema, data);
  const { data: config, error } = clusterSchema.safeParse(given);
  return {
    config,
    faults: [
      ...faultsOfIssues(error?.issues ?? [], given),
      ...brokenRules(config ?? readableParts(clusterSchema, given)),
    ],
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([{ fileName: path, faults: [unreadable(path, code)] }]);
  }
}

function unreadable(path: string, code: string | undefined): Fault {
  if (code === "ENOENT") return fault.fileMissing();
  if (code === "EISDIR") return fault.folderForOneCluster(clusterFilesIn(path));
  return fault.fileUnreadable(String(code));
}

/** Adds the lines of a config file to faults that were found after it was read, and puts them in its order. */
export function inFile(path: string, faults: readonly Fault[]): Fault[] {
  const { lines } = readDocument(readText(path));
  return inOrderOfFile(faults.map((fault) => withLine(fault, lines)));
}

/** Adds the line of the value; of a missing one, the line of the section that should hold it. */
function withLine(fault: Fault, lines: ReadonlyMap<string, number>): Fault {
  const around = [...lines.keys()].filter(
    (path) => fault.path === path || fault.path.startsWith(`${path}.`) || fault.path.startsWith(`${path}[`),
  );
  const nearest = around.sort((one, other) => other.length - one.length)[0];
  return nearest === undefined ? fault : { ...fault, line: lines.get(nearest) };
}

function inOrderOfFile(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}
