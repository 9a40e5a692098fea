import { constants, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * cdktf pins the exact version that its bindings were generated from; every later 6.x works too. Before 6.40, each plan changed a bucket
 * back that AWS had blocked SSE-C on: terraform-provider-aws#47359.
 */
export const providerVersion = "~> 6.40";

const lockFileName = ".terraform.lock.hcl";
const committedLock = join(import.meta.dirname, "..", lockFileName);

/**
 * Terraform sees only a comment, and locks what the mirror has. cdktf reads line by line, ignores comment syntax and sees a locked
 * provider: without one it would ask the public registry for hashes even if there is a mirror.
 */
const openLock = `/* Replaced by "terraform init" with the version that the configured mirror has.
provider "registry.terraform.io/hashicorp/aws" {
  constraints = "${providerVersion}"
}
*/
`;

/** Puts a lock file into a stack's folder, unless there is one: the committed one, or with a mirror an open one. */
export function placeProviderLock(stackFolder: string, env: NodeJS.ProcessEnv = process.env): void {
  const target = join(stackFolder, lockFileName);
  try {
    if (hasProviderMirror(env)) writeFileSync(target, openLock, { flag: "wx" });
    else copyFileSync(committedLock, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** @returns whether Terraform's CLI configuration names a mirror for providers. */
function hasProviderMirror(env: NodeJS.ProcessEnv): boolean {
  const home =
    process.platform === "win32"
      ? join(env.APPDATA ?? "", "terraform.rc")
      : join(env.HOME ?? homedir(), ".terraformrc");
  const text = readIfThere(env.TF_CLI_CONFIG_FILE || home).replaceAll(/^\s*(#|\/\/).*$/gm, "");
  return /\b(filesystem|network)_mirror\b/.test(text);
}

/** Terraform itself reports a missing configuration file. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
