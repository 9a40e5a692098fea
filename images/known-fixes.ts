/** How to mend a program's failure, by its words: the first match counts. */
export type KnownFixes = readonly (readonly [words: RegExp, fix: string])[];

export const fixFor = (words: string, fixes: KnownFixes): string | undefined =>
  fixes.find(([known]) => known.test(words))?.[1];
