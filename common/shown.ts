/**
 * Characters that control a terminal or that a reader cannot see: control characters except tab and line feed, format characters
 * (such as those that change the direction of text), other line separators, and lone surrogates.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes untrusted text safe to print: invisible characters become `\x1b`, `\u202e`, ... Line ends stay. */
export const shown = (text: string): string => text.replaceAll("\r\n", "\n").replaceAll(unseen, escaped);

/** The same for a name within a sentence: it cannot begin a new line. */
export const shownInLine = (text: string): string => shown(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

/** The same for JSON, without changing its meaning: only strings can hold such characters, so JSON's own escapes are used. */
export const shownJson = (json: string): string =>
  json.replaceAll(unseen, (character) =>
    [...Array(character.length).keys()].map((i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(""),
  );

function escaped(character: string): string {
  if (character === "\r") return "\\r";
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, "0");
