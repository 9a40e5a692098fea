import { expect, inject, it } from "vitest";
import { footprint } from "./footprint.ts";
import { lab } from "./support.ts";

it("a running lab has touched nothing on the machine but its own containers and networks", async () => {
  const { volumes: _own, ...now } = await footprint(`${lab.name}-lab-`);
  const { volumes: _before, ...before } = inject("footprintBefore");
  expect(now).toEqual(before);
});
