import "../common/startup-checks.js";

import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../common/checkout.ts";
import { isDebianRoot } from "../common/host-packages.ts";

/**
 * Runs every test. What they need beyond Node.js is installed first, as root on Debian; elsewhere the command that does so is
 * printed, and what needs it is skipped by name.
 */
const installer = join(checkout, "test", "tools", "install-debian-packages.sh");

async function missingPackages(): Promise<string[]> {
  if (!existsSync("/usr/bin/dpkg-query")) return [];
  const { stdout } = await execa("bash", [installer, "--missing"]);
  return stdout.split("\n").filter((name) => name !== "");
}

const missing = await missingPackages();
if (missing.length > 0 && isDebianRoot()) {
  console.log(`installing what the tests need, with apt-get: ${missing.join(" ")}`);
  await execa("bash", [installer], { stdio: ["ignore", "inherit", "inherit"] });
} else if (missing.length > 0) {
  console.log(`some tests will be skipped; for all of them: sudo apt-get install --yes ${missing.join(" ")}`);
}

const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
const { exitCode } = await execa(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  stdio: "inherit",
  reject: false,
});
process.exitCode = exitCode ?? 1;
