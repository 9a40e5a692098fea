import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../config/errors.ts";
import { parseConfig } from "../../../config/load.ts";
import { minimalText } from "./minimal.ts";

const mostMs = 2_000;

/** How much of a processor's time a text takes to be refused, and with what. The tests of a busy machine wait for theirs. */
function refusal(text: string): { error: ConfigError; ms: number } {
  const start = process.cpuUsage();
  try {
    parseConfig(text, "cluster.yml");
  } catch (error) {
    const { user, system } = process.cpuUsage(start);
    if (error instanceof ConfigError) return { error, ms: (user + system) / 1_000 };
    throw error;
  }
  throw new Error("the config has no fault");
}

const repeat = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");

describe("a file with thousands of faults", () => {
  it.each([
    ["unknown keys", minimalText() + repeat(20_000, (i) => `key${i}: 1`)],
    ["unknown keys in a section", `${minimalText()}tls:\n${repeat(20_000, (i) => `  key${i}: 1`)}`],
    ["keys that are given twice", minimalText() + repeat(20_000, () => "name: again")],
    ["tags", `${minimalText()}tags:\n${repeat(20_000, (i) => `  "aws:${i}": no`)}`],
  ])("is refused within two seconds, with the first twenty and a count: %s", (_what, text) => {
    const { error, ms } = refusal(text);
    expect(ms).toBeLessThan(mostMs);
    expect(error.faults.length).toBeGreaterThan(20);
    expect(error.message.length).toBeLessThan(20_000);
    expect(error.message).toContain(`cluster.yml has ${error.faults.length} faults; the first 20:`);
    expect(error.message.match(/^ {2}mend: {4}\S/gm)).toHaveLength(20);
    expect(error.message).toMatch(new RegExp(`\n\nand ${error.faults.length - 20} more faults$`));
  });

  it("names all of twenty", () => {
    const { error } = refusal(minimalText() + repeat(20, (i) => `key${i}: 1`));
    expect(error.message).toContain("cluster.yml has 20 faults:");
    expect(error.message.match(/^ {2}mend: {4}\S/gm)).toHaveLength(20);
  });
});

describe("a file that is out of all proportion", () => {
  it.each([
    ["too large", `${minimalText()}# ${"x".repeat(1024 * 1024)}`, "larger than 1 MiB"],
    ["nested without end", `${minimalText()}x: ${"[".repeat(50_000)}`, "nested more than"],
    [
      "nested without end, and closed",
      `${minimalText()}x: ${"[".repeat(5_000)}${"]".repeat(5_000)}`,
      "nested more than",
    ],
    ["nested without end by indentation", repeat(1_000, (i) => `${" ".repeat(i)}x:`), "nested more than"],
    [
      "unfolded without end",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefgh"].map((key, i) => `${key}: &${key} [${`*${"abcdefgh"[i]},`.repeat(9)}]\n`).join("")}`,
      "aliases",
    ],
  ])("is refused within two seconds: %s", (_what, text, problem) => {
    const { error, ms } = refusal(text);
    expect(ms).toBeLessThan(mostMs);
    expect(error.message).toContain(problem);
    expect(error.message.length).toBeLessThan(20_000);
  });

  it("has its names and values cut short in the message", () => {
    const { error } = refusal(`${minimalText()}${"k".repeat(1_000)}.${"a.[".repeat(9_000)}: ${"v".repeat(100_000)}`);
    expect(error.message.length).toBeLessThan(2_000);
  });
});
