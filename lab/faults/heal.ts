import { OperatorError } from "../../common/errors.ts";
import { uninterrupted } from "../../common/program.ts";
import { docker } from "../../machines/docker/docker.ts";
import { roles } from "../../topology/roles.ts";
import { containerOf } from "../machines.ts";
import type { LabNode, LabState } from "../state.ts";
import { healAws } from "./cloud.ts";
import { dropNothing, machineStates, onMachine } from "./machine.ts";
import { healRate, healTracking } from "./network.ts";
import { healDisk, healProcessors } from "./node.ts";
import { healProxy } from "./proxy.ts";

/**
 * Undoes every fault, and waits until all services run. Needs no record of what was injected, and is quick if nothing is
 * broken. Continues after Ctrl-C.
 *
 * @throws OperatorError if a service does not run again within a minute.
 */
export async function heal(lab: LabState): Promise<void> {
  await onMachine(containerOf(lab.name, "aws"), healAws);
  const states = await machineStates(lab.name);
  const nodes = await Promise.allSettled(lab.nodes.map((node) => healNode(node, states.get(node.container))));
  for (const [index, healed] of nodes.entries()) {
    if (healed.status === "rejected") throw notBack(lab.nodes[index]?.name, healed.reason);
  }
}

function notBack(node: string | undefined, reason: unknown): OperatorError {
  return new OperatorError(`${node} did not come back`, {
    cause: reason instanceof OperatorError ? reason.details.cause : String(reason),
    fix: `npx registry-cluster lab logs ${node}; npm stop and npm start create a new lab`,
  });
}

async function healNode({ container, role }: LabNode, state: string | undefined): Promise<void> {
  // First, because the rest runs on the machine.
  await docker(healProcessors(container), uninterrupted);
  if (state === "paused") await docker(["unpause", container], uninterrupted);
  else if (state !== "running") await docker(["start", container], uninterrupted);
  const services = roles[role].services.join(" ");
  await onMachine(
    container,
    `within_a_minute() {
  for ((tries = 0; tries < 300; tries++)); do
    if "$@"; then return; fi
    sleep 0.2
  done
  echo "not within a minute: $*" >&2; return 1
}
within_a_minute systemctl is-active --quiet basic.target
${healDisk}
${dropNothing}
${healTracking}
${healRate}
${role === "proxy" ? healProxy : ""}
systemctl start ${services} || true
for service in ${services}; do within_a_minute systemctl is-active --quiet "$service"; done`,
  );
}
