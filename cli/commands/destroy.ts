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
    .description("remove from AWS what Terraform made, except the buckets and what keeps them private")
    .option("--auto-approve", "do not ask")
    .action(async ({ autoApprove = false }: { autoApprove?: boolean }) => {
      if (!autoApprove && !process.stdin.isTTY) {
        throw new OperatorError("nobody can be asked: this is no terminal", { fix: "--auto-approve, if you are sure" });
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

/** Buckets stay, and with them what encrypts them, keeps their versions and keeps others out. */
const goes = (address: string) => !address.startsWith("aws_s3_bucket");

/**
 * By naming what goes, so that what stays remains in Terraform's state: it is not forgotten, and the next deployment finds it.
 * Terraform refuses to destroy all, because the buckets are protected.
 */
async function destroy(inFolder: string, addresses: readonly string[], autoApprove: boolean): Promise<void> {
  if (addresses.length === 0) return;
  const options = [...addresses.map((address) => `-target=${address}`), ...(autoApprove ? ["-auto-approve"] : [])];
  // Ctrl-C reaches Terraform by the terminal, and it ends in good order: it must not be killed.
  const { exitCode } = await execa("terraform", [inFolder, "destroy", ...options], { stdio: "inherit", reject: false });
  if (exitCode === 0) return;
  throw new OperatorError("not all was removed", {
    cause: "Terraform's message is above",
    fix: "the state says what is left: mend the cause, then run the command again",
  });
}

function whatStays(addresses: readonly string[]): string {
  if (addresses.length === 0) return "nothing is left in Terraform's state";
  const buckets = addresses.filter((address) => address.startsWith("aws_s3_bucket."));
  return [
    `left, because they are protected: ${buckets.join(", ")} with their settings, and the secrets in SSM.`,
    "The next deployment takes them as they are. To remove them for ever: docs/operation.md, Remove it from AWS.",
  ].join("\n");
}
