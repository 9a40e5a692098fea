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
  }
}

/**
 * Boots the lab once for all lab tests, and removes it afterwards. A lab that is up already (`npx registry-cluster lab up`) is
 * taken as it is and stays.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stdout } = await command("lab", "status", "--json");
  const wasUp = (JSON.parse(stdout) as { nodes: unknown[] }).nodes.length > 0;
  const before = await footprint(wasUp ? "registry-lab-" : undefined);
  project.provide("footprintBefore", before);
  const folder = mkdtempSync(join(tmpdir(), "registry-cluster-lab-test-"));
  // Test processes, and the commands that they run, inherit it.
  if (!wasUp) process.env.CLUSTER_CONFIG = writeConfig(folder);
  await execa("npm", ["start"], { cwd: checkout, stdio: ["ignore", "inherit", "inherit"] });
  return async () => {
    if (!wasUp) await command("stop");
    rmSync(folder, { recursive: true });
    if (wasUp) return;
    const after = await footprint();
    if (!isDeepStrictEqual(after, before)) {
      throw new Error(`the lab left something behind: ${JSON.stringify({ before, after }, undefined, 2)}`);
    }
  };
}

const command = (...args: string[]) => execa("node", ["cli/bin.js", ...args], { cwd: checkout, reject: false });
