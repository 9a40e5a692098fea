/** A Markdown table. Columns of words come first; those of numbers are aligned to the right. */
export function table(
  head: { readonly words: readonly string[]; readonly numbers: readonly string[] },
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [
    [...head.words, ...head.numbers],
    [...head.words.map(() => "---"), ...head.numbers.map(() => "---:")],
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export const code = (text: string): string => `\`${text}\``;

/** Seconds with two decimals, or nothing. */
export const sec = (seconds: number | undefined): string => seconds?.toFixed(2) ?? "";

/** Whether a goal was met. A missed one stands out. */
export const verdict = (isMet: boolean): string => (isMet ? "met" : "**missed**");

/** A number that was not the same in all runs. */
export function range({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? `${max}` : `${min} to ${max}`;
}

/** A plot with a caption below it, for a page in docs/. */
export function figure(file: string, alternative: string, caption: string): string {
  return `![${alternative}](measurements/${file})\n\n*${caption}*`;
}
