import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { limits } from "./limits.ts";
import { joinPath } from "./paths.ts";
import { wordsOfAliasError, wordsOfYamlError } from "./yaml-words.ts";

/** A config file as read by the YAML parser. */
export interface ConfigDocument {
  /** Maps, lists and scalars of JavaScript; undefined when the YAML itself is wrong. */
  readonly data: unknown;
  /** What is wrong with the YAML itself. */
  readonly faults: readonly ConfigFault[];
  /** Line of each value that the file holds, by its path. */
  readonly lines: ReadonlyMap<string, number>;
}

/** Far more than any real config has: beyond this, a generator has gone wrong. */
const mostLevels = 16;
const mostCharacters = limits.fileMib * 1024 * 1024;

/** Reads YAML text. */
export function readDocument(text: string): ConfigDocument {
  if (text.length > mostCharacters) return unusable(fault.fileTooLarge());
  try {
    return parse(text);
  } catch (error) {
    // The parser recurses into brackets, until the stack overflows.
    if (error instanceof TooDeep || error instanceof RangeError) return unusable(fault.nestedTooDeep(mostLevels));
    throw error;
  }
}

function unusable(fault: ConfigFault): ConfigDocument {
  return { data: undefined, faults: [fault], lines: new Map() };
}

function parse(text: string): ConfigDocument {
  const counter = new LineCounter();
  // Duplicate keys are reported below, where their path is known.
  const document = parseDocument(text, {
    lineCounter: counter,
    ...{ prettyErrors: false, uniqueKeys: false, merge: true, logLevel: "error" },
  });
  const lineOf = (offset: number) => counter.linePos(offset).line;

  const faults = [...document.errors, ...document.warnings].map(({ code, pos }) =>
    fault.notYaml(wordsOfYamlError(code), lineOf(pos[0])),
  );
  const lines = new Map<string, number>();
  visit(document.contents, "", 0, (path, offset, previousOffset) => {
    lines.set(path, lineOf(offset));
    if (previousOffset !== undefined) {
      faults.push({ ...fault.givenTwice(path, lineOf(previousOffset)), line: lineOf(offset) });
    }
    if (path.endsWith("__proto__")) faults.push({ ...fault.neverAKey(path), line: lineOf(offset) });
  });
  if (document.errors.length > 0) return { data: undefined, faults, lines };

  try {
    return { data: document.toJS(), faults, lines };
  } catch (error) {
    // Aliases are resolved only now: an anchor may be missing, or the file may expand without end.
    return { data: undefined, faults: [...faults, fault.notYaml(wordsOfAliasError(error))], lines };
  }
}

class TooDeep extends Error {}

/** `previousOffset` is where the same map has the same key already. */
type Found = (path: string, offset: number, previousOffset?: number) => void;

/** Calls `found` for every key of a map and every item of a list, outer ones first. */
function visit(node: unknown, path: string, level: number, found: Found): void {
  if (level > mostLevels) throw new TooDeep();
  if (isMap(node)) visitMap(node, path, level, found);
  if (isSeq(node)) visitList(node, path, level, found);
}

function visitMap(map: YAMLMap, path: string, level: number, found: Found): void {
  const offsets = new Map<string, number>();
  for (const { key, value } of map.items) {
    if (!isScalar(key) || isMerge(key)) continue;
    const valuePath = joinPath(path, String(key.value));
    found(valuePath, offsetOf(key), offsets.get(valuePath));
    offsets.set(valuePath, offsetOf(key));
    visit(value, valuePath, level + 1, found);
  }
}

function visitList(list: YAMLSeq, path: string, level: number, found: Found): void {
  list.items.forEach((item, i) => {
    found(joinPath(path, i), offsetOf(item));
    visit(item, joinPath(path, i), level + 1, found);
  });
}

/** `<<: *name`, which merges the keys of another map. */
function isMerge({ value }: { value: unknown }): boolean {
  return typeof value === "symbol";
}

function offsetOf(node: unknown): number {
  return (node as Node).range?.[0] ?? 0;
}
