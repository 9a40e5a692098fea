import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { configText, filesOf, quickCopyOfCheckout, remove, run } from "../unit/cli/support.ts";
import { temporaryFolder } from "../unit/lab/support.ts";

let checkout: string;
beforeAll(async () => {
  checkout = await quickCopyOfCheckout();
});
afterAll(() => remove(checkout));

/** The config file with a change, outside of the checkout. */
function configFile(from: RegExp, to: string): string {
  const file = join(temporaryFolder(), "other.yml");
  writeFileSync(file, configText(checkout, [from, to]));
  return file;
}

describe("registry-cluster cost", () => {
  it("shows what the plan's resources cost, and leaves nothing behind", async () => {
    const [files, temporary] = [filesOf(checkout), temporaryFolder()];
    vi.stubEnv("TMPDIR", temporary);
    const { exitCode, stdout } = await run(checkout, ["cost"]);
    expect(stdout).toMatch(/│ aws_instance\.registry-2 +│ t3\.micro +│ +1 │ 0\.\d+ │ hour/);
    expect(stdout).toMatch(/│ together +│ +\d+\.\d\d │/);
    expect(exitCode).toBe(0);
    expect(filesOf(checkout)).toEqual(files);
    expect(readdirSync(temporary).filter((name) => name.startsWith("registry-cluster-cost-"))).toEqual([]);
  });

  it("prints JSON, and nothing else, when asked to", async () => {
    const { stdout, exitCode } = await run(checkout, ["cost", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      region: "eu-west-1",
      currency: "USD",
      hoursPerMonth: 730,
      usdAMonth: expect.any(Number),
      leftOut: [],
      sources: expect.arrayContaining([
        expect.objectContaining({ date: expect.any(String), from: expect.any(String) }),
      ]),
    });
    expect(exitCode).toBe(0);
  });

  it("names an instance type that has no price", async () => {
    const file = configFile(/instanceType: t3\.micro/, "instanceType: x2idn.16xlarge");
    const { stdout } = await run(checkout, ["--config", file, "cost", "--json"]);
    expect(JSON.parse(stdout).leftOut).toEqual([
      "aws_instance.bastion: no price for x2idn.16xlarge in this region: left out of the sum",
    ]);
  });

  it("ends with 1 in a region without prices, before the plan is made", async () => {
    const file = configFile(/eu-west-1/g, "xx-nowhere-9");
    const { exitCode, stdout, stderr } = await run(checkout, ["--config", file, "cost"]);
    expect(stderr).toMatch(/^there are no prices for the region 'xx-nowhere-9'; .*\n {2}mend: /);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });

  it("ends with 2 when the config is wrong", async () => {
    const { exitCode, stdout } = await run(checkout, [
      "--config",
      configFile(/^region: .*$/m, "region: nowhere"),
      "cost",
    ]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});
