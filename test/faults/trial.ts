import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkout } from "../../common/checkout.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { operatorLogin } from "../../lab/account/machine.ts";
import { faults } from "../../lab/faults/catalogue.ts";
import { type LabState, labFiles } from "../../lab/state.ts";
import { convergeOnce, readEverything, requestsServed } from "./aftermath.ts";
import { check, evidenceOf, type Verdict } from "./checker.ts";
import { History, type Limits } from "./history.ts";
import type { Target } from "./http.ts";
import { limitsOf } from "./limits.ts";
import { runNemesis } from "./nemesis.ts";
import { keepNodeLogs } from "./node-logs.ts";
import { type Outcome, outcomesOf } from "./outcomes.ts";
import { watch } from "./sampler.ts";
import { type Strike, scheduleOf } from "./schedule.ts";
import { Workload } from "./workload.ts";

export interface TrialProps {
  readonly lab: LabState;
  readonly config: ClusterConfig;
  readonly seed: number;
  readonly minutes: number;
  /**
   * Names of faults.
   *
   * @default - every fault that there is
   */
  readonly only?: readonly string[];
  onProgress(text: string): void;
}

export interface TrialResult {
  readonly seed: number;
  readonly minutes: number;
  readonly passed: boolean;
  readonly verdicts: readonly Verdict[];
  readonly outcomes: readonly Outcome[];
  /** Folder with the history and, for a failed trial, the logs of all machines. */
  readonly folder: string;
}

/** Long enough for every client to have pushed something before the first fault. */
const warmUpMs = 8_000;

/** Breaks a cluster while clients use it, checks the invariants, and heals the cluster. */
export async function runTrial({ lab, config, seed, minutes, only, onProgress }: TrialProps): Promise<TrialResult> {
  const limits = limitsOf(config);
  const chosen = faults.filter(({ name }) => only?.includes(name) ?? true);
  const strikes = scheduleOf({ seed, minutes, faults: chosen, limits });

  const at = Date.now();
  const run = `${seed}-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}`;
  const folder = join(checkout, ".faults", `${lab.name}-${run}`);
  const history = new History(join(folder, "history.jsonl"));
  const nodes = lab.nodes.map(({ name, role }) => ({ name, role }));
  history.add({ type: "begun", at, seed, minutes, nodes, limits });

  const progress = (text: string) =>
    onProgress(`${String(Math.round((Date.now() - at) / 1_000)).padStart(5)} s  ${text}`);
  const target = await serviceAddress(lab, limits);
  const unwatch = watch(lab, history);
  const workload = new Workload({ target, history, seed, run });
  try {
    await sleep(warmUpMs);
    await runNemesis({
      ...{ lab, history, strikes, rightWithinMs: limits.rightWithinMs },
      onStrike: (strike, node, number) => progress(`${number} of ${strikes.length}: ${describe(strike, node)}`),
      onQuiet: async (act) => {
        history.add({ type: "load", at: Date.now(), act, requests: await requestsServed(lab) });
        if (act === "quiet ends") progress(`  ${cost(outcomesOf(evidenceOf(history.events)).at(-1)!)}`);
      },
    });
    await workload.stop();
    unwatch();
    progress("reading every image at every registry");
    await readEverything(lab, history, target.auth);
    progress("converging every node");
    await convergeOnce(lab, history);
  } catch (error) {
    await keepNodeLogs(lab, folder, at);
    onProgress(`history and logs so far are in ${folder}`);
    throw error;
  } finally {
    unwatch();
    await workload.stop();
    await history.close();
  }

  const verdicts = check(history.events);
  const passed = verdicts.every(({ holds }) => holds);
  if (!passed) await keepNodeLogs(lab, folder, at);
  return { seed, minutes, passed, verdicts, outcomes: outcomesOf(evidenceOf(history.events)), folder };
}

/** How a client on this machine reaches the registry. */
async function serviceAddress(lab: LabState, { patienceMs }: Limits): Promise<Target> {
  const { user, password } = await operatorLogin(lab);
  return {
    protocol: "https:",
    host: "127.0.0.1",
    port: lab.ports.https,
    ca: readFileSync(labFiles(lab.name).caCertificate),
    servername: lab.domainName,
    auth: `${user}:${password}`,
    patienceMs,
  };
}

function describe({ fault, aim, durationSec, deployAfterSec }: Strike, node: string | undefined): string {
  const where = node ? ` on ${node} (${aim})` : "";
  const beside = deployAfterSec === undefined ? "" : `, and a deployment after ${deployAfterSec} s`;
  return `${fault}${where} for ${durationSec} s${beside}`;
}

const cost = ({ ok, failed, longestGapSec, moves, rightAfterSec }: Outcome) =>
  `${ok} ok, ${failed} failed, longest gap ${longestGapSec.toFixed(1)} s, ${moves} moves, right after ${rightAfterSec.toFixed(1)} s`;
