import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { rooms } from "../../../.dependency-cruiser.js";
import { doc } from "./support.ts";

const path = "docs/decisions/0036-rooms.md";

/** The arrows that the others do not imply: who may import from a room need not be shown to import from those behind it. */
function drawnArrows(): string[] {
  const reaches = (from: string, to: string): boolean =>
    (rooms[from] ?? []).some((next) => next === to || reaches(next, to));
  return Object.entries(rooms).flatMap(([room, allowed]) =>
    allowed
      .filter((target) => !allowed.some((other) => other !== target && reaches(other, target)))
      .map((target) => `  ${room} --> ${target}`),
  );
}

it("the picture of the rooms is drawn from the rules that imports are checked by; --update draws it anew", async () => {
  const picture = ["```mermaid", "graph TD", ...drawnArrows(), "```"].join("\n");
  const made = doc(path).text.replace(/(<!-- rooms: [^\n]* -->\n).*(<!-- \/rooms -->)/s, `$1${picture}\n$2`);
  await expect(made).toMatchFileSnapshot(`../../../${path}`);
});

it("every folder with code has its rule", () => {
  const apart = ["docs", "node_modules", "salt", "test"];
  const folders = readdirSync(".", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !/^cdktf\.out/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !apart.includes(name));
  expect(Object.keys(rooms).sort()).toEqual(folders.sort());
});
