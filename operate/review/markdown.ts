/** Code within a sentence, which no character in it can end. */
export function inlineCode(text: string): string {
  return `\`${text.replaceAll(/[`\r\n]/g, "'")}\``;
}

/** Text within a sentence, escaped so that nothing in it counts as Markdown, HTML or a mention. */
export function plainWords(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[\\`*_[\]<>&#|@~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A foldable section. */
export function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** A code block with a fence that nothing in the text can close. */
export function fenced(language: string, lines: readonly string[]): string {
  const fence = fenceFor(lines);
  return [`${fence}${language}`, ...lines, fence].join("\n");
}

/** A fence ends at a line of at least as many backticks, so it gets one more than any run of them. */
function fenceFor(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  return "`".repeat(runs.reduce((longest, run) => Math.max(longest, run + 1), 3));
}
