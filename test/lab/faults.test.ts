import { beforeAll, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { loadConfig } from "../../config/load.ts";
import { invariants } from "../faults/checker.ts";
import { formatVerdicts } from "../faults/report.ts";
import { runTrial, type TrialResult } from "../faults/trial.ts";
import { lab, untilHealthy } from "./support.ts";

/** A short trial, the same each time: `npm run faults` runs long ones, with every fault there is. */
let result: TrialResult;

beforeAll(async () => {
  await untilHealthy();
  result = await runTrial({
    lab,
    config: loadConfig(process.env.CLUSTER_CONFIG ?? `${checkout}/cluster.yml`),
    seed: 4,
    minutes: 2,
    only: ["nginx-crash", "node-off", "registry-crash-in-patch"],
    onProgress: (text) => console.log(text),
  });
}, 600_000);

it("strikes proxies and registries, with clients at work", () => {
  expect(result.outcomes.length).toBeGreaterThan(1);
  expect(result.outcomes.every(({ ok }) => ok > 0)).toBe(true);
});

it.each(invariants.map(({ name, meaning }) => [name, meaning] as const))("%s: %s", (name) => {
  const verdict = result.verdicts.find(({ invariant }) => invariant === name)!;
  expect(verdict.holds, `${formatVerdicts([verdict])}\nhistory and logs: ${result.folder}`).toBe(true);
});
