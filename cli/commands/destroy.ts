import { resolve as absolute, join } from "node:path";
import type { Command } from "commander";
import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { OperatorError } from "../../common/errors.ts";
import { run } from "../../common/program.ts";
import { loadConfig } from "../../config/load.ts";
import { synthesize } from "../../operate/plan/synthesize.ts";
import { say } from "../output.ts";
import { step } from "../progress.ts";

export function registerDestroy(program: Command): void {
  program
    .command("destroy")
    .description("remove from AWS what Terraform created, except the buckets and the settings that keep them private")
    .option("--auto-approve", "do not ask")
    .action(async ({ autoApprove = false }: { autoApprove?: boolean }) => {
      if (!autoApprove && !process.stdin.isTTY) {
        throw new OperatorError("cannot ask for approval: this is not a terminal", {
          fix: "--auto-approve, if you are sure",
        });
      }
      const path = absolute(program.opts<{ config: string }>().config);
      const { name } = loadConfig(path);
      const plan = await step("Plan of the cluster", () => synthesize(path, name, join(checkout, "cdktf.out")));
      const inFolder = `-chdir=${plan.folder}`;
      const state = await step("Terraform's state", async () => {
        await run("terraform", [inFolder, "init", "-input=false", "-no-color"]);
        return run("terraform", [inFolder, "state", "list"]);
      });
      const resources = state.split("\n").filter((address) => address && !address.startsWith("data."));
      await destroy(inFolder, resources.filter(goes), autoApprove);
      say(whatStays(resources.filter((address) => !goes(address))));
    });
}

/** Buckets stay, with the settings for their encryption, versions and access. */
const goes = (address: string) => !address.startsWith("aws_s3_bucket");

/**
 * Names every resource to remove, so that the rest stays in Terraform's state and the next deployment finds it. Terraform
 * refuses to destroy everything at once, because the buckets are protected.
 */
async function destroy(inFolder: string, addresses: readonly string[], autoApprove: boolean): Promise<void> {
  if (addresses.length === 0) return;
  const options = [...addresses.map((address) => `-target=${address}`), ...(autoApprove ? ["-auto-approve"] : [])];
  // The terminal sends Ctrl-C to Terraform too, which then stops cleanly: do not kill it.
  const { exitCode } = await execa("terraform", [inFolder, "destroy", ...options], { stdio: "inherit", reject: false });
  if (exitCode === 0) return;
  throw new OperatorError("some resources were not removed", {
    cause: "Terraform's message is above",
    fix: "mend the cause, then run the command again; Terraform's state lists what is left",
  });
}

function whatStays(addresses: readonly string[]): string {
  if (addresses.length === 0) return "nothing is left in Terraform's state";
  const buckets = addresses.filter((address) => address.startsWith("aws_s3_bucket."));
  return [
    `left, because they are protected: ${buckets.join(", ")} with their settings, and the secrets in SSM.`,
    "The next deployment reuses them. To remove them for good: docs/operation.md, Remove it from AWS.",
  ].join("\n");
}
