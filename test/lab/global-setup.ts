import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { checkout } from "../../common/checkout.ts";
import { writeConfig } from "./config.ts";
import { type Footprint, footprint } from "./footprint.ts";

declare module "vitest" {
  interface ProvidedContext {
    footprintBefore: Footprint;
    /** The lab's config file. Undefined for a lab that was up already, which has the example's. */
    labConfig: string | undefined;
  }
}

/**
 * Boots the lab once for all lab tests, and removes it afterwards. A lab that is up already (`npx registry-cluster lab up`) is
 * taken as it is and stays.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stdout } = await command(["lab", "status", "--json"]);
  const wasUp = (JSON.parse(stdout) as { nodes: unknown[] }).nodes.length > 0;
  // A lab that starts clears away what is left of one that was killed.
  const before = await footprint("registry-lab-");
  project.provide("footprintBefore", before);
  const folder = mkdtempSync(join(tmpdir(), "registry-cluster-lab-test-"));
  const config = wasUp ? undefined : writeConfig(folder);
  project.provide("labConfig", config);
  const env = config === undefined ? {} : { CLUSTER_CONFIG: config };
  await execa("npm", ["start"], { cwd: checkout, env, stdio: ["ignore", "inherit", "inherit"] });
  return async () => {
    if (!wasUp) await command(["stop"], env);
    rmSync(folder, { recursive: true });
    if (wasUp) return;
    const after = await footprint();
    if (!isDeepStrictEqual(after, before)) {
      throw new Error(`the lab left something behind: ${JSON.stringify({ before, after }, undefined, 2)}`);
    }
  };
}

const command = (args: readonly string[], env = {}) =>
  execa("node", ["cli/bin.js", ...args], { cwd: checkout, env, reject: false });
