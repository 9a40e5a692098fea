import { clusterFilesIn, isFolder } from "./cluster-files.ts";
import { readDocument } from "./document.ts";
import { ConfigError, type ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { type FileForm, inOrderOfFile, parseForm, withLine } from "./form.ts";
import { readConfigText } from "./read.ts";
import { brokenRules } from "./rules.ts";
import { type ClusterConfig, clusterSchema } from "./schema.ts";
import { readableParts } from "./sections.ts";

const clusterForm: FileForm<typeof clusterSchema> = {
  schema: clusterSchema,
  brokenRules: (config, given) => brokenRules(config ?? readableParts(clusterSchema, given)),
  example: "cluster.yml",
};

/**
 * Reads a config file.
 *
 * @throws ConfigError with every fault of the file. For a folder, the error lists the files in it.
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
  return parseForm(clusterForm, text, fileName);
}

function readText(path: string): string {
  if (!isFolder(path)) return readConfigText(path, clusterForm.example);
  const faults = [fault.folderForOneCluster(clusterFilesIn(path).paths)];
  throw new ConfigError([{ fileName: path, faults }]);
}

/** Adds line numbers to faults that were found after the config file was read, and sorts them by line. */
export function inFile(path: string, faults: readonly ConfigFault[]): ConfigFault[] {
  const { lines } = readDocument(readText(path));
  return inOrderOfFile(faults.map((fault) => withLine(fault, lines)));
}
