import { join } from "node:path";
import { readPlan } from "../../operate/plan/synthesized-plan.ts";
import { convergeUnit } from "../converge.ts";
import { seedObjects } from "../lab.ts";
import { type LabState, labFiles } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, machineStates } from "./machine.ts";

/**
 * A deployment at a bad time: does what `lab up` does to a running lab, but skips nodes that are off or paused, and does not wait
 * until the others have converged.
 */
export async function deploy(lab: LabState): Promise<Injected> {
  // If Terraform has deployed to the lab, its objects are there already, and the plan here may differ from it.
  if (lab.infrastructureHash) await seedObjects(lab, readPlan(planFile(lab.name)));
  const states = await machineStates(lab.name);
  const nodes = lab.nodes.filter(({ container }) => states.get(container) === "running");
  const starts = nodes.map(({ container }) => act(container, `now; systemctl start --no-block ${convergeUnit}`));
  return { at: Math.min(...(await Promise.all(starts)).map(({ at }) => at)) };
}

const planFile = (lab: string) => join(labFiles(lab).plan, "stacks", lab, "cdk.tf.json");
