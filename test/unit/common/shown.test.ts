import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shown, shownInLine, shownJson } from "../../../common/shown.ts";

const unseen = /[^\P{Cc}\t\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u;

describe("text of any origin", () => {
  it.each([
    ["a colour", "\u001b[31mx\u001b[0m", "\\x1b[31mx\\x1b[0m"],
    ["a link", "\u001b]8;;https://evil.example\u0007x", "\\x1b]8;;https://evil.example\\x07x"],
    ["text that turns", "user\u202etxt.exe", "user\\u202etxt.exe"],
    ["an isolate", "\u2066x\u2069", "\\u2066x\\u2069"],
    ["a carriage return", "good\rbad", "good\\rbad"],
    ["C1 controls", "\u009b31m", "\\x9b31m"],
    ["nothing of any width", "a\u200bb\ufeff", "a\\u200bb\\ufeff"],
    ["a tag of no width", "a\u{e0041}", "a\\u{e0041}"],
    ["another line end", "a\u2028b", "a\\u2028b"],
    ["half of a character", "a\ud800b", "a\\ud800b"],
  ])("is shown escaped: %s", (_what, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("keeps lines, tabs, and all that can be seen", () => {
    const text = "Grüße, 世界 👍 ┌─┐\n\tx ✔";
    expect(shown(text)).toBe(text);
    expect(shown("one\r\ntwo")).toBe("one\ntwo");
  });

  it("begins no line of its own within a sentence", () => {
    expect(shownInLine("a\n  mend: run this")).toBe("a\\n  mend: run this");
  });

  it("never obeys or hides anything, and says the same as JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(shown(text)).not.toMatch(unseen);
        const json = shownJson(JSON.stringify({ [text]: text }, undefined, 2));
        expect(json).not.toMatch(unseen);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
      { numRuns: 2000 },
    );
  });
});
