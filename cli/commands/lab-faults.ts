import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { interrupted } from "../../common/interrupt.ts";
import { type Progress, type StepRunner, silently } from "../../common/step.ts";
import { Duration } from "../../config/duration.ts";
import { faults } from "../../lab/faults/catalogue.ts";
import { heal } from "../../lab/faults/heal.ts";
import { aim, strike } from "../../lab/faults/strike.ts";
import type { LabState } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { formatFaults } from "../fault-table.ts";
import { say, sayJson } from "../output.ts";
import { step } from "../progress.ts";
import { formatStatus } from "../status-table.ts";

interface FaultOptions {
  readonly for?: Duration;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Adds the commands that break a lab on purpose and heal it. */
export function registerLabFaults(lab: Command, state: () => LabState): void {
  lab
    .command("fault")
    .description("break something on purpose; without a name, list what can be broken")
    .argument("[name]", "such as nginx-hang")
    .argument(
      "[node]",
      "such as proxy-1 (default: the proxy that has the Elastic IP, the first registry, or for s3-* all)",
    )
    .option("--for <duration>", "wait that long, such as 30s, then heal; Ctrl-C heals at once", parseDuration)
    .option("--list", "list what can be broken")
    .option("--json", "for scripts")
    .action(async (name: string | undefined, node: string | undefined, options: FaultOptions) => {
      if (name === undefined || options.list) {
        if (options.json) sayJson(faults);
        else say(formatFaults(faults));
      } else {
        await breakIt(state(), name, node, options);
      }
    });

  lab
    .command("heal")
    .description("undo everything that `lab fault` has broken")
    .option("--json", "for scripts")
    .action(async (options: FaultOptions) => {
      const running = state();
      await runnerFor(options)("Everything healed", () => heal(running));
      const status = await statusOf(running.name);
      if (options.json) sayJson(status);
      else say(formatStatus(status));
    });
}

async function breakIt(lab: LabState, name: string, node: string | undefined, options: FaultOptions): Promise<void> {
  const run = runnerFor(options);
  const aimed = await aim(lab, name, node);
  const nodes = aimed.nodes.map((target) => target.name);
  const { at } = await run([name, ...nodes].join(" "), () => strike(lab, aimed));
  const duration = options.for;
  if (duration) await healAfter(lab, duration, run);
  if (options.json) {
    sayJson({ fault: name, nodes, at: iso(at), ...(duration ? { healedAt: iso(Date.now()) } : {}) });
  } else if (!duration) {
    const then = aimed.fault.lasts ? "npx registry-cluster lab heal undoes it" : "the cluster recovers by itself";
    say(`broken since ${iso(at)}; ${then}`);
  }
}

async function healAfter(lab: LabState, duration: Duration, run: StepRunner): Promise<void> {
  try {
    await run(`Left broken for ${duration}`, (onProgress) => countDown(duration.milliseconds, onProgress));
  } finally {
    // No step starts after Ctrl-C, but healing must.
    await (interrupted.aborted ? heal(lab) : run("Everything healed", () => heal(lab)));
  }
}

async function countDown(milliseconds: number, onProgress: Progress): Promise<void> {
  const end = Date.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - Date.now()) {
    onProgress(`${Math.ceil(left / 1_000)} s to go`);
    await sleep(Math.min(left, 1_000), undefined, { signal: interrupted });
  }
}

/** Scripts read only the result. */
const runnerFor = ({ json }: FaultOptions): StepRunner => (json ? silently : step);

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
function parseDuration(text: string): Duration {
  const duration = Duration.parse(text);
  if (!duration || duration.milliseconds === 0) throw new InvalidArgumentError("a duration such as 30s or 5m");
  return duration;
}
