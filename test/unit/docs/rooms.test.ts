import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { rooms } from "../../../.dependency-cruiser.js";

it("every folder with code has its rule", () => {
  const apart = ["docs", "node_modules", "salt", "test"];
  const folders = readdirSync(".", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !/^cdktf\.out/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !apart.includes(name));
  expect(Object.keys(rooms).sort()).toEqual(folders.sort());
});
