import { closest, distance } from "fastest-levenshtein";

/** @returns the name that was probably meant: the nearest one, if a third of its letters at most are wrong */
export function didYouMean(given: string, names: readonly string[]): string | undefined {
  const nearest = closest(given, names);
  const mostTypos = Math.max(1, Math.floor(given.length / 3));
  return nearest !== undefined && distance(given.toLowerCase(), nearest.toLowerCase()) <= mostTypos
    ? nearest
    : undefined;
}
