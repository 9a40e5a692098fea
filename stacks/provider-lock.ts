import { constants, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const lockFileName = ".terraform.lock.hcl";
const committedLock = join(import.meta.dirname, "..", lockFileName);

/**
 * Nothing to Terraform, which then locks what the mirror has. To cdktf, which reads line by line and knows no comments,
 * a lock of the provider: without one it asks the public registry for hashes, mirror or not.
 */
const openLock = `/* Replaced by "terraform init" with the version that the configured mirror has.
provider "registry.terraform.io/hashicorp/aws" {
  constraints = "~> 6.25"
}
*/
`;

/** Puts a lock file into a stack's folder, unless one is there: the committed one, or, for a mirror, one that leaves it the choice. */
export function placeProviderLock(stackFolder: string, env: NodeJS.ProcessEnv = process.env): void {
  const target = join(stackFolder, lockFileName);
  try {
    if (hasProviderMirror(env)) writeFileSync(target, openLock, { flag: "wx" });
    else copyFileSync(committedLock, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** @returns whether Terraform's own configuration sends it to a mirror for providers. */
function hasProviderMirror(env: NodeJS.ProcessEnv): boolean {
  const home =
    process.platform === "win32"
      ? join(env.APPDATA ?? "", "terraform.rc")
      : join(env.HOME ?? homedir(), ".terraformrc");
  const text = readIfThere(env.TF_CLI_CONFIG_FILE || home).replaceAll(/^\s*(#|\/\/).*$/gm, "");
  return /\b(filesystem|network)_mirror\b/.test(text);
}

/** Terraform itself says it when a file that it was told to read is missing. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
