import { Command } from "commander";
import { ConfigError } from "../config/errors.ts";
import { AccessError } from "../access/errors.ts";
import { LabError } from "../lab/errors.ts";
import { catchInterrupts, interrupted } from "../lab/interrupt.ts";
import { registerAccess } from "./commands/access.ts";
import { registerConfig } from "./commands/config.ts";
import { registerLab } from "./commands/lab.ts";
import { registerPrepare } from "./commands/prepare.ts";
import { registerStart } from "./commands/start.ts";
import { exitCodes } from "./exit-codes.ts";

const program = new Command("registry-cluster")
  .description("A highly available Docker/OCI registry service as code: on your laptop, and on AWS from the same plan.")
  .option("-c, --config <file>", "the cluster's config file", process.env.CLUSTER_CONFIG ?? "cluster.yml")
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));

registerStart(program);
registerLab(program);
registerConfig(program);
registerAccess(program);
registerPrepare(program);

catchInterrupts();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, without a stack trace where the words are enough. */
function report(error: unknown): number {
  if (interrupted.aborted) {
    console.error("interrupted: what this run had begun is removed");
    return exitCodes.interrupted;
  }
  if (error instanceof ConfigError) {
    console.error(error.message);
    return exitCodes.usage;
  }
  if (error instanceof AccessError) {
    console.error(error.message);
    return exitCodes.failed;
  }
  console.error(error instanceof LabError ? error.describe() : error);
  return exitCodes.failed;
}
