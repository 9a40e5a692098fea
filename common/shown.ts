/**
 * What a terminal would obey, and what no reader would see: control characters but tab and line feed, format characters (those that
 * turn the direction of text are among them), other line ends, and halves of characters.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of any origin as it can be printed: `\x1b`, `\u202e` in the place of what cannot be seen. Line ends stay. */
export const shown = (text: string): string => text.replaceAll("\r\n", "\n").replaceAll(unseen, escaped);

/** A name within a sentence: it begins no line of its own. */
export const shownInLine = (text: string): string => shown(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

/** JSON text that means the same. Only strings can hold such characters, so JSON's own escapes stand for them. */
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
