import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { timeouts } from "../../../topology/timeouts.ts";
import { exampleTree, fileOf } from "../templates/example.ts";

/** The rows of the table in docs/how-it-works.md: what the program calls the limit, and its seconds. */
const rows = [...readFileSync("docs/how-it-works.md", "utf8").matchAll(/^\| .* \| `([a-z_ -]+)` \| (\d+) s \|/gm)];
const tree = exampleTree();
const texts = ["haproxy/haproxy.cfg", "nginx/nginx.conf"].map((file) => fileOf(tree, "proxy-1", `/etc/${file}`)).join();

it("the table of limits in How it works says what the rendered files say", () => {
  expect(rows.length).toBeGreaterThan(8);
  for (const [, setting, seconds] of rows) expect(texts).toMatch(new RegExp(`^ *${setting} ${seconds}s;?$`, "m"));
});

it("the table of limits has every one that the config has", () => {
  const shown = new Set(rows.map(([, , seconds]) => Number(seconds)));
  for (const seconds of Object.values(timeouts)) expect(shown).toContain(seconds);
});
