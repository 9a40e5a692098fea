import { stripVTControlCharacters } from "node:util";

/** A mark as Terraform colours it. The dash of a YAML list within the text of a file has no colour. */
const code = "\u001b\\[";
const mark = new RegExp(`^((?:${code}[01]m| )*)${code}3[123]m([-+~])${code}0m(?!/)`);

/** Where a diff in Markdown expects a mark, and how a change is marked there. */
const marks: Readonly<Record<string, string>> = { "+": "+", "-": "-", "~": "!" };

/** Moves Terraform's mark to the first column, where the forges colour by it; the rest of the line stays where it was. */
export function diffLine(line: string): string {
  const plain = stripVTControlCharacters(line);
  const [, before, symbol] = mark.exec(line) ?? [];
  if (before === undefined || symbol === undefined)
    return plain.startsWith("-/+") || plain.startsWith("+/-") ? plain : ` ${plain}`;
  const indent = stripVTControlCharacters(before);
  return `${marks[symbol]}${indent} ${plain.slice(indent.length + 1)}`;
}
