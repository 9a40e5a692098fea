import "../common/startup-checks.js";

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { checkout } from "../common/checkout.ts";
import { isDebianRoot } from "../common/host-packages.ts";
import { ensureDockerEngine, stopOwnDockerEngine } from "../lab/engine.ts";
import { ensureTerraform, releaseOfCi } from "./tools/terraform.ts";

/**
 * Runs every test. What they need beyond Node.js is installed first, as root on Debian; elsewhere the command that does so is
 * printed, and what needs it is skipped by name.
 */
const installer = join(checkout, "test", "tools", "install-debian-packages.sh");
/** Of the Docker engine, if it has to be started for the tests. */
const stateDir = join(checkout, ".cache", "tests");
let path = process.env.PATH ?? "";

if (isDebianRoot()) await prepare();
else await sayWhatIsMissing();
const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
const { exitCode } = await execa(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  stdio: "inherit",
  reject: false,
  env: { PATH: path },
});
await stopOwnDockerEngine(stateDir);
process.exitCode = exitCode ?? 1;

async function prepare(): Promise<void> {
  const missing = await missingPackages();
  if (missing.length > 0) {
    console.log(`installing what the tests need, with apt-get: ${missing.join(" ")}`);
    await attempt("installing them", () => execa("bash", [installer], { stdio: ["ignore", "inherit", "inherit"] }));
  }
  await attempt("starting the Docker engine", () => ensureDockerEngine(stateDir, console.log));
  if (await isMissing("terraform")) {
    console.log("there is no terraform on PATH: downloading it into the cache");
    await attempt("downloading Terraform", async () => {
      path = [await ensureTerraform(await releaseOfCi()), path].join(delimiter);
    });
  }
}

/** What cannot be had costs the tests that need it, and no others: they say so, and the last line counts them. */
async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    console.log(`${what} failed, and tests that need it will be skipped or fail: ${stderr || message}`);
  }
}

async function sayWhatIsMissing(): Promise<void> {
  const missing = [...(await missingPackages()), ...((await isMissing("docker")) ? ["docker.io"] : [])];
  if (missing.length > 0) {
    const where = existsSync("/usr/bin/apt-get") ? "" : " on Debian";
    console.log(`some tests will be skipped; for all of them${where}: sudo apt-get install --yes ${missing.join(" ")}`);
  }
  if (await isMissing("terraform")) console.log("what Terraform does is not tested: there is no terraform on PATH");
}

async function missingPackages(): Promise<string[]> {
  const { stdout } = await execa("bash", [installer, "--missing"]);
  return stdout.split("\n").filter((name) => name !== "");
}

async function isMissing(program: string): Promise<boolean> {
  return (await execa(program, ["version"], { reject: false, stdio: "ignore" })).code === "ENOENT";
}
