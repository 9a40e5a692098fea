import { expect, inject, it } from "vitest";
import { footprint } from "./footprint.ts";
import { lab } from "./support.ts";

it("a running lab has touched nothing on the machine but its own containers, their volumes and its networks", async () => {
  expect(await footprint(`${lab.name}-lab-`)).toEqual(inject("footprintBefore"));
});
