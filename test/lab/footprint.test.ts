import { expect, inject, it } from "vitest";
import { changedBetween, footprint } from "./footprint.ts";
import { lab } from "./support.ts";

it("a running lab has touched nothing on the machine but its own containers, networks and volumes", async () => {
  const changed = changedBetween(inject("footprintBefore"), await footprint());
  const own = new RegExp(`^new (container|network) ${lab.name}-lab-|^new volume `);
  expect(changed.filter((change) => !own.test(change))).toEqual([]);
});
