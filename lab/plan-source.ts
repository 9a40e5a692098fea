import { createHash } from "node:crypto";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "./checkout.ts";
import { LabError } from "./errors.ts";
import { interrupted } from "./interrupt.ts";
import { type Plan, readPlan } from "./plan.ts";

/** Synthesizes the app, unmodified, into a folder, and reads the plan of the stack. */
export async function synthesize(configPath: string, stack: string, folder: string): Promise<Plan> {
  const { exitCode, stderr } = await execa(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: checkout,
    env: { CLUSTER_CONFIG: configPath, CDKTF_OUTDIR: folder },
    reject: false,
    cancelSignal: interrupted,
  });
  if (exitCode !== 0)
    throw new LabError("the plan could not be made", { cause: stderr, fix: "npx cdktf synth shows more" });
  return readPlan(join(folder, "stacks", stack, "cdk.tf.json"));
}

/** A hash of the plan without the objects in its buckets: these may change while the machines stay. */
export function infrastructureHash(plan: Plan): string {
  const infrastructure = plan.resources.filter(({ type }) => type !== "aws_s3_object");
  return createHash("sha256").update(JSON.stringify(infrastructure)).digest("hex");
}
