import { describe, expect, it } from "vitest";
import { diffLine } from "../../../review/diff-line.ts";
import { foldUnchanged } from "../../../review/fold.ts";
import { commentOf, recording } from "./support.ts";

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
