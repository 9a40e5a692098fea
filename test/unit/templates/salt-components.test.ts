import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { saltComponents } from "../../../templates/salt-components.ts";
import { roleEntry, roleNames } from "../../../topology/roles.ts";

it("salt/components.jinja says what topology/roles.ts says", async () => {
  await expect(saltComponents()).toMatchFileSnapshot(join(checkout, "salt", "components.jinja"));
});

it.each(roleNames)("every component of the %s has a state", (role) => {
  const states = roleEntry(role).components.map((name) => join(checkout, "salt", name, "init.sls"));
  expect(states.filter((path) => !existsSync(path))).toEqual([]);
});
