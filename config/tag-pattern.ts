import picomatch from "picomatch";
import { SemVer, satisfies, validRange } from "semver";

/** Says of a git tag whether it is to be built. */
export type TagPattern = (tag: string) => boolean;

/** What a pattern may be, for messages. */
export const allowedPattern = 'a glob such as "v*" or "release/**", or a range of versions such as ">=1.2 <2"';

/**
 * Reads a pattern of tags. A range of versions takes tags that are versions, with or without a `v`; one of a pre-release only if the
 * range names one, as npm's do.
 *
 * @returns undefined for what is neither a glob nor a range
 */
export function parsePattern(text: string): TagPattern | undefined {
  if (text.trim() === "") return undefined;
  if (looksLikeRange(text)) {
    if (validRange(text) === null) return undefined;
    return (tag) => {
      const version = versionOf(tag);
      return version !== undefined && satisfies(version, text);
    };
  }
  try {
    return picomatch(text, { strictBrackets: true });
  } catch {
    return undefined;
  }
}

/** A glob does not begin with a comparison, and has no blank. */
const looksLikeRange = (text: string) => /^[<>=^~]|\s/.test(text.trim());

function versionOf(tag: string): SemVer | undefined {
  try {
    return new SemVer(tag.replace(/^v/, ""));
  } catch {
    return undefined;
  }
}
