import { stripVTControlCharacters } from "node:util";

/** The output of `cdktf diff`: Terraform's for each stack, and cdktf's own. */
export interface CdktfOutput {
  readonly stacks: readonly StackOutput[];
  /** Lines that belong to no stack, such as why the synthesis failed. Still with ANSI codes. */
  readonly rest: readonly string[];
}

/** Terraform's output for one stack. */
export interface StackOutput {
  readonly name: string;
  /** Still with ANSI codes: Terraform's colours distinguish a mark of the diff from a dash in the text. */
  readonly lines: readonly string[];
}

const code = "(?:\u001b\\[[0-9;]*m)*";

/** cdktf puts the stack's name before each piece of output, and indents the piece's other lines by the same width. */
const pieceStart = new RegExp(`^${code}([a-z][a-z0-9-]*)${code} {2}(?=\\S)(.*)$`);

/** The last frame of cdktf's spinner. */
const spinner = /^[\u2800-\u28ff] /;

/** Text with which Terraform starts a line. @see joinPieces */
const lineStart = new RegExp(
  `^(?:${code}(?:Terraform |Changes to Outputs|No changes|Note: |\u2577)|\u001b\\[1m(?: {2}# |Plan:)|\u001b\\[3[123]m[-+~]\u001b\\[0m)`,
);

/** Splits the output of one or more runs of `cdktf diff` by stack. */
export function parseCdktfOutput(text: string): CdktfOutput {
  const stacks = new Map<string, string[]>();
  const rest: string[] = [];
  let current: { lines: string[]; indent: string } | undefined;
  for (const line of text.replaceAll("\r", "").split("\n")) {
    const [, name, first] = pieceStart.exec(line) ?? [];
    if (name !== undefined && first !== undefined) {
      const lines = stacks.get(name) ?? [];
      stacks.set(name, lines);
      current = { lines, indent: " ".repeat(name.length + 2) };
      joinPieces(lines, first);
    } else if (current && (line === "" || line.startsWith(current.indent))) {
      current.lines.push(line.slice(current.indent.length));
    } else if (!spinner.test(line)) {
      current = undefined;
      rest.push(line);
    }
  }
  return { stacks: [...stacks].map(([name, lines]) => ({ name, lines })), rest };
}

/**
 * Adds the first line of a piece. cdktf reads at most 64 KiB at a time and makes a piece of it, so in a long plan a piece may
 * start in the middle of a line: then it continues the line before.
 */
function joinPieces(lines: string[], first: string): void {
  const last = (pattern: RegExp) => lines.findLastIndex((line) => pattern.test(stripVTControlCharacters(line)));
  const inPlan = last(/^Terraform will perform the following actions:/) > last(/^Plan: /);
  if (!inPlan || lineStart.test(first)) {
    lines.push(first);
    return;
  }
  while (lines.at(-1)?.trim() === "") lines.pop();
  lines.push(`${lines.pop()}${first}`);
}
