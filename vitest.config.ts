import { spawnSync } from "node:child_process";
import { defineConfig } from "vitest/config";
import { isDebianRoot } from "./common/host-packages.ts";

/** What the caller has set for his own cluster does not count in tests. */
const env = { CLUSTER_CONFIG: "" };
const hasEngine = spawnSync("docker", ["version"]).status === 0 || isDebianRoot();

/**
 * Five kinds of tests, from quick to thorough:
 * - unit: pure functions, rendered files, plans; no program but Node is needed.
 * - commands: our command line and main.ts, started as operators start them; no program but Node is needed either.
 * - programs: what we render and write, checked by the real programs that will read it.
 * - lab: the whole cluster, booted from its plan.
 * - terraform: the same, deployed by Terraform to the AWS on this machine.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/count-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          env,
          setupFiles: ["test/setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Loading the modules anew for each file would take longer than the tests.
          isolate: false,
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "commands",
          include: ["test/commands/**/*.test.ts"],
          env,
          testTimeout: 300_000,
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "programs",
          include: ["test/programs/**/*.test.ts"],
          env,
          testTimeout: 300_000,
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "lab",
          include: hasEngine ? ["test/lab/**/*.test.ts"] : ["test/lab/without-engine.ts"],
          globalSetup: hasEngine ? ["test/lab/global-setup.ts"] : [],
          setupFiles: hasEngine ? ["test/lab/setup.ts"] : [],
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "terraform",
          include: ["test/terraform/**/*.test.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
