import { expect, it } from "vitest";
import { timeouts } from "../../../topology/timeouts.ts";
import { exampleTree, fileOf } from "../templates/example.ts";
import { timeoutRows } from "./timeout-table.ts";

const tree = exampleTree();
const texts = ["haproxy/haproxy.cfg", "nginx/nginx.conf", "sysctl.d/60-registry-cluster.conf"]
  .map((file) => fileOf(tree, "proxy-1", `/etc/${file}`))
  .join();

it.each(timeoutRows)("the table of time limits says what the rendered files say: %s", (_limit, setting, seconds) => {
  expect(texts).toMatch(new RegExp(`^ *${setting} (${seconds}s;?|= ${seconds})$`, "m"));
});

it("the table of time limits has every limit that there is", () => {
  const shown = new Set(timeoutRows.map(([, , seconds]) => seconds));
  for (const seconds of Object.values(timeouts)) expect(shown).toContain(seconds);
});
