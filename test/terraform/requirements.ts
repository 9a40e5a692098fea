import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDebianRoot } from "../../common/host-packages.ts";
import { providerVersion } from "../../stacks/provider-lock.ts";

/** A suite that needs Terraform and its provider: its name, and a line besides, say what is missing and how to get it. */
export function suiteWithTerraform(title: string): { title: string; skip: boolean } {
  const missing = whatIsMissing();
  if (!missing) return { title, skip: false };
  console.warn(`skipped: ${title}: ${missing}`);
  return { title: `${title} (skipped: ${missing})`, skip: true };
}

/** @returns what keeps Terraform from deploying to the AWS on this machine, and the mend; undefined if nothing does. */
function whatIsMissing(): string | undefined {
  if (spawnSync("docker", ["version"]).status !== 0 && !isDebianRoot()) {
    return "there is no Docker engine; start one";
  }
  const { status, error } = spawnSync("terraform", ["version"]);
  if (error || status !== 0) return "there is no terraform on PATH; install Terraform 1.10 or newer";
  if (!providerCanBeInstalled()) {
    return "the AWS provider cannot be installed; reach the public registry, or name a mirror in TF_CLI_CONFIG_FILE";
  }
  return undefined;
}

function providerCanBeInstalled(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "terraform-provider-"));
  try {
    const required_providers = { aws: { source: "hashicorp/aws", version: providerVersion } };
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
    const init = spawnSync("terraform", [`-chdir=${folder}`, "init", "-input=false"], { timeout: 300_000 });
    return init.status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
