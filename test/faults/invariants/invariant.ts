import type { Begun, HistoryEvent } from "../history.ts";
import type { Operation, Period, Snapshot } from "../timeline.ts";

/** The input of the invariants: a history, and what follows from it. */
export interface Evidence {
  readonly history: readonly HistoryEvent[];
  readonly begun: Begun;
  readonly operations: readonly Operation[];
  readonly periods: readonly Period[];
  readonly snapshots: readonly Snapshot[];
}

/** Something that must hold, whatever breaks. */
export interface Invariant {
  readonly name: string;
  /** In one line. */
  readonly meaning: string;
  check(evidence: Evidence): Finding;
}

export interface Finding {
  /** How many things were checked. An invariant that checked nothing does not hold. */
  readonly checked: number;
  /** What contradicts it, one line each. */
  readonly counterexamples: readonly string[];
}

/** Checks each thing. @param check returns its problems. */
export function findingOf<T>(things: readonly T[], check: (thing: T) => readonly string[]): Finding {
  return { checked: things.length, counterexamples: things.flatMap(check) };
}

/** A moment, as seconds since the trial began. */
export const moment = ({ begun }: Evidence, at: number) => `${((at - begun.at) / 1_000).toFixed(1)} s`;

/** A fault, as in `nginx-stop of proxy-1 at 12.3 s`. */
export const periodNamed = (evidence: Evidence, { fault, node, began }: Period) =>
  `${fault}${node ? ` of ${node}` : ""} at ${moment(evidence, began)}`;
