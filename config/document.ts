import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Fault } from "./errors.ts";
import { fault } from "./faults.ts";
import { joinPath } from "./paths.ts";

/** A config file as read by the YAML parser. */
export interface ConfigDocument {
  /** Maps, lists and scalars of JavaScript; undefined when the YAML itself is wrong. */
  readonly data: unknown;
  /** What is wrong with the YAML itself. */
  readonly faults: readonly Fault[];
  /** Line of each value that the file holds, by its path. */
  readonly lines: ReadonlyMap<string, number>;
}

/** Reads YAML text. */
export function readDocument(text: string): ConfigDocument {
  const counter = new LineCounter();
  // Keys that are given twice are looked for below, where their path is known.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const lineOf = (offset: number) => counter.linePos(offset).line;

  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) =>
    fault.notYaml(message, lineOf(pos[0])),
  );
  const lines = new Map<string, number>();
  visit(document.contents, "", (path, offset, previousOffset) => {
    lines.set(path, lineOf(offset));
    if (previousOffset !== undefined) {
      faults.push({ ...fault.givenTwice(path, lineOf(previousOffset)), line: lineOf(offset) });
    }
  });
  if (document.errors.length > 0) return { data: undefined, faults, lines };

  try {
    return { data: document.toJS(), faults, lines };
  } catch (error) {
    // Aliases are followed only now: one without its anchor, or a file that unfolds without end.
    return { data: undefined, faults: [...faults, fault.notYaml((error as Error).message)], lines };
  }
}

/** `previousOffset` is where the same map has the same key before. */
type Found = (path: string, offset: number, previousOffset?: number) => void;

/** Calls `found` for every key of a map and every item of a list, outer ones first. */
function visit(node: unknown, path: string, found: Found): void {
  if (isMap(node)) visitMap(node, path, found);
  if (isSeq(node)) visitList(node, path, found);
}

function visitMap(map: YAMLMap, path: string, found: Found): void {
  const offsets = new Map<string, number>();
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const valuePath = joinPath(path, String(key.value));
    found(valuePath, offsetOf(key), offsets.get(valuePath));
    offsets.set(valuePath, offsetOf(key));
    visit(value, valuePath, found);
  }
}

function visitList(list: YAMLSeq, path: string, found: Found): void {
  list.items.forEach((item, i) => {
    found(joinPath(path, i), offsetOf(item));
    visit(item, joinPath(path, i), found);
  });
}

function offsetOf(node: unknown): number {
  return (node as Node).range?.[0] ?? 0;
}
