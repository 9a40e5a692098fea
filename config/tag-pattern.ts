import picomatch from "picomatch";
import { satisfies, validRange } from "semver";

/** Whether to build a git tag. */
export type TagPattern = (tag: string) => boolean;

/** The allowed forms, for messages. */
export const allowedPattern = 'a glob such as "v*" or "release/**", or a range of versions such as ">=1.2 <2"';

/**
 * Parses a pattern of tags. A range of versions matches tags that are versions, with or without a leading `v`. As in npm, it matches
 * a pre-release only if the range names one.
 *
 * @returns undefined for what is neither a glob nor a range
 */
export function parsePattern(text: string): TagPattern | undefined {
  if (text.trim() === "") return undefined;
  if (looksLikeRange(text)) {
    if (validRange(text) === null) return undefined;
    return (tag) => satisfies(tag, text);
  }
  try {
    return picomatch(text, { strictBrackets: true });
  } catch {
    return undefined;
  }
}

/** A glob neither begins with a comparison nor contains a space. */
const looksLikeRange = (text: string) => /^[<>=^~]|\s/.test(text);
