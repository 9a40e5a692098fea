import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { type Plan, readPlan } from "./synthesized-plan.ts";

/** Synthesizes the app, unmodified, into a folder, and reads the plan of the stack. */
export async function synthesize(configPath: string, stack: string, folder: string): Promise<Plan> {
  const { exitCode, stderr } = await execa(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: checkout,
    env: { CLUSTER_CONFIG: configPath, CDKTF_OUTDIR: folder },
    reject: false,
    cancelSignal: interrupted,
  });
  if (exitCode !== 0)
    throw new OperatorError("cannot synthesize the plan", { cause: stderr, fix: "npx cdktf synth shows more" });
  return readPlan(join(folder, "stacks", stack, "cdk.tf.json"));
}
