import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { pythonForTests } from "../tools/python/venv.ts";

it.each([
  ["the EIP keeper", "test/keeper"],
  ["the lab's AWS", "test/lab-cloud"],
  ["a node's part in a rollout", "test/rollout"],
])("%s passes its own tests, written in Python", async (_what, folder) => {
  const python = join(await pythonForTests(), "python");
  const { exitCode, all } = await execa(python, ["-m", "unittest", "discover", "-s", folder, "-t", folder], {
    cwd: checkout,
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/^Ran [1-9]\d* tests? /m);
});
