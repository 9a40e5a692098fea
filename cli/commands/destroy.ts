import { resolve as absolute, join } from "node:path";
import type { Command } from "commander";
import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { run } from "../../common/program.ts";
import { loadConfig } from "../../config/load.ts";
import { destroySteps } from "../../operate/destroy/steps.ts";
import { synthesize } from "../../operate/plan/synthesize.ts";
import { say, tell } from "../output.ts";
import { step } from "../progress.ts";
import { ask } from "../prompt.ts";

interface Options {
  readonly autoApprove?: boolean;
  readonly dryRun?: boolean;
  readonly keepAddress?: boolean;
}

export function registerDestroy(program: Command): void {
  program
    .command("destroy")
    .description("remove from AWS what Terraform created, except the buckets and the settings that keep them private")
    .option("--dry-run", "only show what would be removed")
    .option(
      "--keep-address",
      "keep the service address; AWS charges for it while nothing uses it (default: release it)",
    )
    .option("--auto-approve", "do not ask")
    .action(async ({ autoApprove = false, dryRun = false, keepAddress = false }: Options) => {
      if (!dryRun && !autoApprove && !process.stdin.isTTY) {
        throw new OperatorError("cannot ask for approval: this is not a terminal", {
          fix: "--dry-run shows what would be removed; --auto-approve removes it, if you are sure",
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
      const { steps, stays } = destroySteps(resources, { keepAddress });
      if (steps.length > 0 && (dryRun || !autoApprove)) {
        await terraform([inFolder, "plan", "-destroy", ...targets(steps.flat())], "show what would be removed");
      }
      if (dryRun) return say(whatWouldStay(stays));
      if (steps.length > 0 && !autoApprove) await askForApproval(keepAddress);
      for (const addresses of steps) await destroy(inFolder, addresses);
      say(whatStays(stays));
    });
}

const targets = (addresses: readonly string[]) => addresses.map((address) => `-target=${address}`);

async function askForApproval(keepAddress: boolean): Promise<void> {
  if (!keepAddress) say("\nThe service address is released for good: you cannot get it back. --keep-address keeps it.");
  const answer = await ask("Destroy all of this? Only 'yes' is accepted: ");
  if (answer !== "yes") throw new OperatorError("nothing was removed", { fix: "answer yes to remove it" });
}

/**
 * Names every resource to remove, so that the rest stays in Terraform's state and the next deployment finds it. Terraform
 * refuses to destroy everything at once, because the buckets are protected. Tries twice: for a moment, AWS may
 * still consider something to be in use.
 */
async function destroy(inFolder: string, addresses: readonly string[]): Promise<void> {
  const args = [inFolder, "destroy", "-auto-approve", ...targets(addresses)];
  try {
    await terraform(args, "remove everything");
  } catch (error) {
    interrupted.throwIfAborted();
    if (!(error instanceof OperatorError)) throw error;
    tell("some resources were not removed: trying once more");
    await terraform(args, "remove everything");
  }
}

/** @param purpose what Terraform is to do, for the error. */
async function terraform(args: readonly string[], purpose: string): Promise<void> {
  // The terminal sends Ctrl-C to Terraform too, which then stops cleanly: do not kill it.
  const { exitCode } = await execa("terraform", args, { stdio: "inherit", reject: false });
  if (exitCode === 0) return;
  throw new OperatorError(`Terraform could not ${purpose}`, {
    cause: "its message is above",
    fix: "mend the cause, then run the command again; Terraform's state lists what is left",
  });
}

const protectedOf = (addresses: readonly string[]) =>
  addresses.filter((address) => /^aws_(s3_bucket|eip)\./.test(address)).join(", ");

function whatWouldStay(addresses: readonly string[]): string {
  if (addresses.length === 0) return "nothing would be left in Terraform's state";
  return `would be left: ${protectedOf(addresses)} with their settings, and the secrets in SSM`;
}

function whatStays(addresses: readonly string[]): string {
  if (addresses.length === 0) return "nothing is left in Terraform's state";
  return [
    `left, because they are protected: ${protectedOf(addresses)} with their settings, and the secrets in SSM.`,
    "The next deployment reuses them. To remove them for good: docs/operation.md, Remove it from AWS.",
  ].join("\n");
}
