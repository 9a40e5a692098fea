/** What to do about words that a program fails with: the first that fit count. */
export type KnownFixes = readonly (readonly [words: RegExp, fix: string])[];

export const fixFor = (words: string, fixes: KnownFixes): string | undefined =>
  fixes.find(([known]) => known.test(words))?.[1];
