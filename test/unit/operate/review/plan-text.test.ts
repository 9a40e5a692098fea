import { describe, expect, it } from "vitest";
import { diffLine } from "../../../../operate/review/diff-line.ts";
import { foldUnchanged } from "../../../../operate/review/fold.ts";
import { commentOf, planWith, recording } from "./support.ts";

const [reset, red, green, yellow] = ["\u001b[0m", "\u001b[31m", "\u001b[32m", "\u001b[33m"];

describe("a mark of Terraform", () => {
  it.each([
    ["is moved to the first column", `      ${green}+${reset}${reset} id = 1`, "+        id = 1"],
    ["is found behind a reset", `${reset}  ${red}-${reset}${reset} resource {`, "-    resource {"],
    ["becomes an exclamation mark for a change", `      ${yellow}~${reset}${reset} id = 1`, "!        id = 1"],
    ["of a replacement stays", `${red}-${reset}/${green}+${reset}${reset} resource {`, "-/+ resource {"],
  ])("%s", (_, line, expected) => {
    expect(diffLine(line)).toBe(expected);
  });

  it("is not seen in a dash of the text", () => {
    expect(diffLine("          - path: /etc/nginx/nginx.conf")).toBe("           - path: /etc/nginx/nginx.conf");
  });

  it("keeps the columns of the lines around it", () => {
    const column = (line: string) => diffLine(line).indexOf("id");
    expect(column(`      ${green}+${reset}${reset} id = 1`)).toBe(column("        id = 1"));
  });
});

describe("a changed text", () => {
  const unchanged = (n: number) => Array.from({ length: n }, (_, i) => `     line ${i}`);

  it("is folded where nothing changes in it", () => {
    const text = ["!  content = <<-EOT", ...unchanged(10), "+    new", ...unchanged(10), "   EOT"];
    expect(foldUnchanged(text)).toEqual([
      "!  content = <<-EOT",
      "@@ 7 unchanged lines @@",
      ...unchanged(10).slice(7),
      "+    new",
      ...unchanged(10).slice(0, 3),
      "@@ 7 unchanged lines @@",
      "   EOT",
    ]);
  });

  it("says which file a change is in", () => {
    const comment = commentOf(recording("setting"));
    expect(comment).toMatch(
      /^@@ \d+ unchanged lines, in \/etc\/systemd\/system\/registry-cluster-converge\.timer @@$/m,
    );
  });

  it("keeps every changed line", () => {
    const changed = recording("setting").match(/OnCalendar=.*/g);
    expect(changed).toHaveLength(10);
    for (const line of changed ?? []) expect(commentOf(recording("setting"))).toContain(line);
  });

  it("is short enough to be read, with one setting changed", () => {
    expect(commentOf(recording("setting")).split("\n").length).toBeLessThan(120);
  });

  it("is not folded when all of it is new", () => {
    const text = ["+  content = <<-EOT", ...unchanged(10), "   EOT"];
    expect(foldUnchanged(text)).toEqual(text);
  });
});

describe("a key in a text of which one line changes", () => {
  const dashes = "-".repeat(5);
  const body = Array.from({ length: 12 }, (_, i) => `${"aB3/".repeat(16).slice(0, 62)}${i + 10}`);
  const key = [`${dashes}BEGIN PRIVATE KEY${dashes}`, ...body, `${dashes}END PRIVATE KEY${dashes}`];

  it.each([0, 3, 6, 9, 12])("is hidden whole, wherever the change is: %i", (changed) => {
    const marked = planWith("before", ...key, ...Array.from({ length: 9 }, (_, i) => `after ${i}`))
      .split("\n")
      .map((line) => (line.includes(key[changed] as string) ? line : line.replace("\u001b[32m+", "\u001b[32m ")))
      .join("\n");
    const comment = commentOf(marked);
    expect(comment).toContain("[redacted]");
    expect(comment).not.toMatch(/aB3\/|PRIVATE KEY/);
  });

  it("is hidden too where only the end of what went wrong is told", () => {
    const comment = commentOf([...key, ...Array(35).fill("Error")].join("\n"), { failed: true });
    expect(comment).not.toMatch(/aB3\/|PRIVATE KEY/);
  });
});

describe("a text that turns its direction, or commands a terminal", () => {
  it("is shown escaped", () => {
    const comment = commentOf(planWith("user\u202e # admin", "a\u001b]8;;http://evil.example\u0007b"));
    expect(comment).toContain("user\\u202e # admin");
    for (const character of ["\u001b", "\u0007", "\u202e"]) expect(comment).not.toContain(character);
  });
});
