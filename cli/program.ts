import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { checkout } from "../common/checkout.ts";
import { registerAccess } from "./commands/access.ts";
import { registerArtifacts } from "./commands/artifacts.ts";
import { registerConfig } from "./commands/config.ts";
import { registerCost } from "./commands/cost.ts";
import { registerDestroy } from "./commands/destroy.ts";
import { registerImage } from "./commands/image.ts";
import { registerLab } from "./commands/lab.ts";
import { registerPreflight } from "./commands/preflight.ts";
import { registerReview } from "./commands/review.ts";
import { registerRollout } from "./commands/rollout.ts";
import { registerStart } from "./commands/start.ts";
import { commanderOutput } from "./output.ts";

/** The command line. Parsing throws a CommanderError for wrong usage. */
export function createProgram(): Command {
  const program = new Command("registry-cluster")
    .description(
      "A highly available Docker/OCI registry service as code: on your laptop, and on AWS from the same plan.",
    )
    .option("-c, --config <file>", "the cluster's config file", process.env.CLUSTER_CONFIG || ownConfig())
    .version(versionText(), "-V, --version", "print the version of registry-cluster, and that of Node.js")
    .configureOutput(commanderOutput)
    .showHelpAfterError()
    .exitOverride();

  registerStart(program);
  registerLab(program);
  registerConfig(program);
  registerCost(program);
  registerAccess(program);
  registerArtifacts(program);
  registerImage(program);
  registerPreflight(program);
  registerReview(program);
  registerRollout(program);
  registerDestroy(program);
  return program;
}

function versionText(): string {
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };
  return `registry-cluster ${version} (Node.js ${process.version})`;
}

/** The checkout's own config file, as the operator would name it from the current folder. */
const ownConfig = () => relative(process.cwd(), `${checkout}/cluster.yml`);
