import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A Markdown file of the project. */
export interface Doc {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
}

/** Every Markdown file that the project offers to readers. */
export const docs: readonly Doc[] = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lab/README.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
].map((path) => ({ path, text: readFileSync(path, "utf8") }));

export function doc(path: string): Doc {
  const found = docs.find((one) => one.path === path);
  if (!found) throw new Error(`no document '${path}'; there are: ${docs.map((one) => one.path).join(", ")}`);
  return found;
}

/** Everything a reader may type: lines of code blocks, and code within sentences. */
export function codeOf({ text }: Doc): string[] {
  const blocks = [...text.matchAll(/^ *```\w*\n(.*?)^ *```$/gms)].map((match) => match[1] as string);
  const inline = [...text.replaceAll(/^ *```.*?^ *```$/gms, "").matchAll(/`([^`]+)`/g)].map(
    (match) => match[1] as string,
  );
  return [...blocks.flatMap((block) => block.split("\n")), ...inline];
}

/** The rows below a Markdown table's header, as texts of cells. */
export function rowsBelow({ text }: Doc, header: string): string[][] {
  const lines = text.split("\n");
  const start = lines.indexOf(header) + 2;
  if (start < 2) throw new Error(`no table '${header}'`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines.slice(start, start + length).map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}
