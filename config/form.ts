import type { z } from "zod";
import { readDocument } from "./document.ts";
import { ConfigError, type ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { faultsOfIssues } from "./issues.ts";
import { sectionsAround } from "./paths.ts";
import { isMapping, withoutEmptyKeys } from "./sections.ts";

/** A kind of config file. */
export interface FileForm<Schema extends z.ZodObject> {
  readonly schema: Schema;
  /**
   * Faults that the schema cannot express.
   *
   * @param config undefined if the schema has found faults.
   * @param given the content of the file, without empty keys.
   */
  brokenRules(config: z.infer<Schema> | undefined, given: unknown): ConfigFault[];
  /** Name of an example file to start from. */
  readonly example: string;
}

/**
 * Reads the text of a config file.
 *
 * @param fileName - what error messages call the file
 * @throws ConfigError with every fault of the text
 */
export function parseForm<Schema extends z.ZodObject>(
  form: FileForm<Schema>,
  text: string,
  fileName: string,
): z.infer<Schema> {
  const document = readDocument(text);
  const { config, faults } = document.data === undefined ? { faults: [] } : checkData(form, document.data);
  const allFaults = [...document.faults, ...faults.map((fault) => withLine(fault, document.lines))];
  if (!config || allFaults.length > 0) throw new ConfigError([{ fileName, faults: inOrderOfFile(allFaults) }]);
  return config;
}

/** Checks the content of a config file. Rules that do not depend on a faulty value are checked in any case. */
function checkData<Schema extends z.ZodObject>(
  { schema, brokenRules, example }: FileForm<Schema>,
  data: unknown,
): { config?: z.infer<Schema>; faults: ConfigFault[] } {
  const keys = Object.keys(schema.shape);
  if (data === null) return { faults: [fault.fileEmpty(keys, example)] };
  if (!isMapping(data)) return { faults: [fault.notSection("", data, keys)] };

  const given = withoutEmptyKeys(schema, data);
  const { data: config, error } = schema.safeParse(given);
  return {
    config,
    faults: [...faultsOfIssues(error?.issues ?? [], given, schema), ...brokenRules(config, given)],
  };
}

/** Adds the line of the value; of a missing one, the line of the section that should hold it. */
export function withLine(fault: ConfigFault, lines: ReadonlyMap<string, number>): ConfigFault {
  const nearest = sectionsAround(fault.path).find((path) => lines.has(path));
  return nearest === undefined ? fault : { ...fault, line: lines.get(nearest) };
}

export function inOrderOfFile(faults: readonly ConfigFault[]): ConfigFault[] {
  return faults.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}
