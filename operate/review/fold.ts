/** Unchanged lines to keep on either side of a change. */
const context = 3;

/** Terraform prints a whole text even if only one line changes, and current.yml has a thousand lines. */
const textStart = /^!.* = <<-?EOT$/;
const textEnd = /^ +EOT\b/;

/** current.yml has every file of every node; this line says which one follows. */
const pathLine = /^\s*- path: (\S+)$/;

/** Folds the unchanged lines of changed texts, as `git diff` does, and says which file a change is in. */
export function foldUnchanged(lines: readonly string[]): string[] {
  const folded: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    folded.push(lines[i] as string);
    if (!textStart.test(lines[i] as string)) continue;
    const length = lines.slice(i + 1).findIndex((line) => textEnd.test(line));
    if (length < 0) continue;
    folded.push(...foldText(lines.slice(i + 1, i + 1 + length)));
    i += length;
  }
  return folded;
}

function foldText(lines: readonly string[]): string[] {
  const kept = lines.map((_, i) => lines.slice(Math.max(i - context, 0), i + context + 1).some(isChanged));
  const folded: string[] = [];
  let path = "";
  let hidden = 0;
  lines.forEach((line, i) => {
    path = pathLine.exec(line)?.[1] ?? path;
    if (kept[i]) folded.push(line);
    else hidden++;
    if (hidden > 0 && (i === lines.length - 1 || kept[i + 1])) {
      folded.push(
        kept[i + 1] && path ? `@@ ${hidden} unchanged lines, in ${path} @@` : `@@ ${hidden} unchanged lines @@`,
      );
      hidden = 0;
    }
  });
  return folded;
}

const isChanged = (line: string) => /^[-+!]/.test(line);
