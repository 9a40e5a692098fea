import { stripVTControlCharacters } from "node:util";

/** A mark with Terraform's colours. The dash of a YAML list in a file's text has no colour. */
const code = "\u001b\\[";
const mark = new RegExp(`^((?:${code}[01]m| )*)${code}3[123]m([-+~])${code}0m(?!/)`);

/** Terraform's marks, and those of a diff in Markdown. */
const marks: Readonly<Record<string, string>> = { "+": "+", "-": "-", "~": "!" };

/** Moves Terraform's mark to the first column, where forges need it for colours; the rest of the line stays in place. */
export function diffLine(line: string): string {
  const plain = stripVTControlCharacters(line);
  const [, before, symbol] = mark.exec(line) ?? [];
  if (before === undefined || symbol === undefined)
    return plain.startsWith("-/+") || plain.startsWith("+/-") ? plain : ` ${plain}`;
  const indent = stripVTControlCharacters(before);
  return `${marks[symbol]}${indent} ${plain.slice(indent.length + 1)}`;
}
