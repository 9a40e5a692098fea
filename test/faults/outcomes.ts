import { isRight } from "./invariants/address.ts";
import type { Evidence } from "./invariants/invariant.ts";
import { movesOf, type Period, spansOf } from "./timeline.ts";

/** What one fault cost. */
export interface Outcome {
  readonly fault: string;
  readonly node?: string;
  readonly aim?: string;
  /** Operations between the fault and the end of the cluster's time to recover after healing. */
  readonly ok: number;
  readonly failed: number;
  /** The longest time in which no operation succeeded. */
  readonly longestGapSec: number;
  readonly moves: number;
  /** From the fault until the address was, and stayed, at a proxy whose nginx answers. 0: it always was. */
  readonly rightAfterSec: number;
}

/** What each fault of a trial cost, in order. */
export const outcomesOf = (evidence: Evidence): Outcome[] =>
  evidence.periods.map((period) => outcomeOf(evidence, period));

function outcomeOf(evidence: Evidence, period: Period): Outcome {
  const { fault, node, aim, strikes, began, healing, healed, until } = period;
  const { limits } = evidence.begun;
  const over = Math.min(until, healed + limits.rightWithinMs);
  const during = evidence.operations.filter(({ at, end }) => end !== undefined && at < over && end.at > strikes);
  const successes = during.filter(({ end }) => end?.result === "ok").map(({ end }) => end!.at);
  const wrong = spansOf(evidence.snapshots, { from: began, to: healing }, (snapshot) => !isRight(snapshot));
  // A late blip has nothing to do with the fault.
  const because = wrong.filter(({ from, to }) => to - from > limits.blipMs || from < began + limits.rightWithinMs);
  return {
    fault,
    node,
    aim,
    ok: successes.length,
    failed: during.length - successes.length,
    longestGapSec: longestGapMs([strikes, ...successes.filter((at) => at > strikes && at < over), over]) / 1_000,
    moves: movesOf(evidence.history, { from: strikes, to: until }).length,
    rightAfterSec: Math.max(0, (because.at(-1)?.to ?? began) - began) / 1_000,
  };
}

function longestGapMs(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(...sorted.slice(1).map((time, index) => time - sorted[index]!));
}
