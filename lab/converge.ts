import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../common/errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { dockerExec } from "../machines/docker/docker.ts";
import { convergedFile } from "../templates/user-data.ts";
import { seeLog } from "./logs.ts";
import { runningMachines } from "./machines.ts";
import type { LabNode } from "./state.ts";

type Outcome = "done" | "failed" | "running";

/** How to make a node converge, and how to tell whether it has. */
interface Way {
  start(node: LabNode): Promise<unknown>;
  outcome(node: LabNode): Promise<Outcome>;
}

const ways: Readonly<Record<"first boot" | "again", Way>> = {
  "first boot": {
    start: async () => {},
    outcome: async (node) => {
      if (/^ActiveState=failed$/m.test(await unitState(node, "lab-user-data"))) return "failed";
      return (await succeeds(node, "test", "-e", convergedFile)) ? "done" : "running";
    },
  },
  again: {
    // The operator waits for all nodes, so they do not wait for each other.
    start: (node) => dockerExec(node.container, ["sh", "-c", `install -D /dev/null ${atOnceFile} && ${startConverge}`]),
    outcome: async (node) => {
      const state = await unitState(node, convergeUnit);
      // While a start is queued, the unit still has the state of its previous run.
      if (/^Job=[1-9]/m.test(state)) return "running";
      if (/^ActiveState=failed$/m.test(state)) return "failed";
      return /^ActiveState=inactive$/m.test(state) ? "done" : "running";
    },
  },
};

export const convergeUnit = "registry-cluster-converge.service";
const startConverge = `systemctl start --no-block ${convergeUnit}`;
/** Read by the converge script. */
const atOnceFile = "/run/registry-cluster/at-once";
const patienceMs = 600_000;

/**
 * Waits until each of these nodes has converged: at first boot by its user data, or again after starting it here.
 *
 * @throws OperatorError that names the node and the file with its log.
 */
export async function convergeAll(
  lab: string,
  nodes: readonly LabNode[],
  when: keyof typeof ways,
  onProgress: (text: string) => void,
): Promise<void> {
  const way = ways[when];
  await Promise.all(nodes.map((node) => way.start(node)));
  const deadline = Date.now() + patienceMs;
  for (let waiting = [...nodes]; waiting.length > 0; await sleep(500)) {
    interrupted.throwIfAborted();
    const running = await runningMachines(lab);
    const outcomes = await Promise.all(
      waiting.map((node) => (running.has(node.container) ? way.outcome(node) : ("failed" as const))),
    );
    const failed = waiting[outcomes.indexOf("failed")];
    if (failed) throw await unconverged(lab, failed, "it ended, or its states failed");
    waiting = waiting.filter((_, index) => outcomes[index] === "running");
    if (waiting[0] && Date.now() > deadline)
      throw await unconverged(lab, waiting[0], `not ready after ${patienceMs / 60_000} minutes`);
    if (waiting.length > 0) {
      const done = nodes.length - waiting.length;
      onProgress(
        `${done} of ${nodes.length} have converged; waiting for ${waiting.map(({ name }) => name).join(", ")}`,
      );
    }
  }
}

async function unconverged(lab: string, node: LabNode, cause: string): Promise<OperatorError> {
  return new OperatorError(`${node.name} did not converge`, { cause, ...(await seeLog(lab, node.name)) });
}

const unitState = (node: LabNode, unit: string) =>
  dockerExec(node.container, ["systemctl", "show", "--property=ActiveState,Job", unit]).catch(() => "");

const succeeds = (node: LabNode, ...command: string[]) =>
  dockerExec(node.container, command).then(
    () => true,
    () => false,
  );
