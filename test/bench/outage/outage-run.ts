import { isGood, outageBetween, type Probe } from "./probe.ts";
import type { OutageRun } from "./result.ts";
import type { Move } from "./takeover.ts";

/** All records about one fault. Times in ms since 1970. */
export interface Trace {
  readonly probes: readonly Probe[];
  readonly faultMs: number;
  readonly healingMs: number;
  /** Whether requests still failed when it was healed. */
  readonly endedByHealing: boolean;
  readonly wholeMs: number;
  /** In order, until the cluster had recovered. */
  readonly moves: readonly Move[];
  /** When each proxy became master, by name. */
  readonly mastersMs: Readonly<Record<string, readonly number[]>>;
}

/** Turns a trace into a row of the report. */
export function outageRun(trace: Trace): OutageRun {
  const { faultMs, healingMs, wholeMs } = trace;
  const outage = outageBetween(trace.probes, faultMs, healingMs);
  const { begunMs = 0, endedMs = 0 } = outage;
  const later = trace.probes.filter(({ startMs }) => startMs >= healingMs && startMs < wholeMs);
  return {
    outageSec: seconds(endedMs - begunMs),
    ...(trace.endedByHealing ? { endedByHealing: true } : {}),
    failedRequests: outage.failedRequests,
    failures: outage.failures,
    requests: outage.requests,
    slowestSec: seconds(outage.slowestMs),
    ...partsOfTakeover(trace),
    moves: trace.moves.length,
    failedWhileHealing: later.filter((probe) => !isGood(probe)).length,
  };
}

/** Splits the first move of the address. If the outage is longer than the sum of the parts, something else failed. */
function partsOfTakeover({ probes, faultMs, healingMs, moves, mastersMs }: Trace) {
  const move = moves.find(({ answeredMs }) => answeredMs < healingMs);
  const masterMs = move && (mastersMs[move.to] ?? []).findLast((at) => at >= faultMs && at <= move.answeredMs);
  if (!move || masterMs === undefined) return {};
  const answers = probes.filter((probe) => isGood(probe) && probe.startMs >= move.answeredMs);
  return {
    detectionSec: seconds(masterMs - faultMs),
    apiCallSec: seconds(move.answeredMs - masterMs),
    routingSec: seconds(Math.min(...answers.map(({ endMs }) => endMs)) - move.answeredMs),
  };
}

/** To the millisecond: anything finer is noise. */
const seconds = (ms: number) => Math.round(ms) / 1000;
