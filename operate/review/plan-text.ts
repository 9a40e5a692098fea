import { stripVTControlCharacters } from "node:util";
import { redactLines } from "../../common/secrets/redact.ts";
import type { StackOutput } from "./cdktf-output.ts";
import { diffLine } from "./diff-line.ts";
import { foldUnchanged } from "./fold.ts";

/** What Terraform would do to one resource. */
export type Action = "created" | "updated" | "replaced" | "destroyed";

export interface Change {
  /** Terraform's address, such as `aws_instance.proxy-1`. */
  readonly address: string;
  readonly action: Action;
}

/** Terraform's own count. */
export interface Counts {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

/** What the diff of one stack says. */
export interface StackPlan {
  readonly stack: string;
  /** For the headline. Also `failed` if Terraform printed no summary: that does not mean "no changes". */
  readonly result: "changes" | "no-changes" | "outputs-only" | "failed";
  readonly counts: Counts;
  readonly changes: readonly Change[];
  /** Whether `changes` adds up to Terraform's own count. */
  readonly complete: boolean;
  /** The plan, or the errors, as lines of a `diff` code block. */
  readonly text: readonly string[];
}

const nothing: Counts = { add: 0, change: 0, destroy: 0 };

// Exactly two blanks: similar text in a file is indented further.
const changeLine =
  /^ {2}# (\S+)(?: \(.*\))?(?: is tainted, so)?\s*(?:will|must) be (created|updated in-place|replaced|destroyed)/;
const countLine = /^Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/;

/** Reads Terraform's output for a stack. */
export function readPlan({ name, lines }: StackOutput): StackPlan {
  const plain = lines.map((line) => stripVTControlCharacters(line));
  const counts = plain.map(readCounts).find((found) => found !== undefined);
  const changes = plain.flatMap(readChange);
  const result = resultOf(plain, counts !== undefined);
  return {
    stack: name,
    result,
    counts: counts ?? nothing,
    changes,
    complete: addsUp(changes, counts ?? nothing),
    text: result === "failed" ? errorsOf(plain) : planOf(lines, plain),
  };
}

function resultOf(plain: readonly string[], counted: boolean): StackPlan["result"] {
  if (plain.some((line) => /^│ Error: |^Planning failed/.test(line))) return "failed";
  if (counted) return "changes";
  if (plain.some((line) => line.startsWith("No changes."))) return "no-changes";
  return plain.includes("Changes to Outputs:") ? "outputs-only" : "failed";
}

function readCounts(line: string): Counts | undefined {
  const [, add, change, destroy] = countLine.exec(line) ?? [];
  return add === undefined ? undefined : { add: Number(add), change: Number(change), destroy: Number(destroy) };
}

function readChange(line: string): Change[] {
  const [, address, words] = changeLine.exec(line) ?? [];
  if (address === undefined) return [];
  return [{ address, action: words === "updated in-place" ? "updated" : (words as Action) }];
}

function addsUp(changes: readonly Change[], { add, change, destroy }: Counts): boolean {
  const count = (...actions: Action[]) => changes.filter(({ action }) => actions.includes(action)).length;
  return (
    count("created", "replaced") === add && count("updated") === change && count("destroyed", "replaced") === destroy
  );
}

/** Starts at changes made outside of Terraform, or at the plan, and omits the refresh of the state before it. */
function planOf(lines: readonly string[], plain: readonly string[]): string[] {
  const start = plain.findIndex((line) =>
    /^(Note: Objects have changed|Terraform used the selected providers|Changes to Outputs:|No changes\.)/.test(line),
  );
  return trimmed(foldUnchanged(redactLines(lines.slice(Math.max(start, 0)).map(diffLine))));
}

function errorsOf(plain: readonly string[]): string[] {
  const start = plain.findIndex((line) => line.startsWith("╷"));
  return start < 0 ? lastLines(plain) : trimmed(redactLines(plain.slice(start)));
}

/** The end of a program's output, for when it has no recognizable error. */
export function lastLines(lines: readonly string[]): string[] {
  return trimmed(redactLines(lines)).slice(-40);
}

function trimmed(lines: readonly string[]): string[] {
  return lines.join("\n").trimEnd().replace(/^\n+/, "").split("\n");
}
