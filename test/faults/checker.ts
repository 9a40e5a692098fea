import type { HistoryEvent } from "./history.ts";
import { addressInvariants } from "./invariants/address.ts";
import { imageInvariants } from "./invariants/images.ts";
import type { Evidence, Invariant } from "./invariants/invariant.ts";
import { serviceInvariants } from "./invariants/service.ts";
import { begunOf, operationsOf, periodsOf, snapshotsOf } from "./timeline.ts";

export interface Verdict {
  readonly invariant: string;
  readonly meaning: string;
  readonly holds: boolean;
  readonly checked: number;
  readonly counterexamples: readonly string[];
}

export const invariants: readonly Invariant[] = [...imageInvariants, ...addressInvariants, ...serviceInvariants];

/** What a history proves, invariant by invariant. */
export function check(history: readonly HistoryEvent[]): Verdict[] {
  const evidence = evidenceOf(history);
  return invariants.map(({ name, meaning, check }) => {
    const { checked, counterexamples } = check(evidence);
    const all = checked === 0 ? [...counterexamples, "there was nothing to look at"] : counterexamples;
    return { invariant: name, meaning, holds: all.length === 0, checked, counterexamples: all };
  });
}

export function evidenceOf(history: readonly HistoryEvent[]): Evidence {
  return {
    history,
    begun: begunOf(history),
    operations: operationsOf(history),
    periods: periodsOf(history),
    snapshots: snapshotsOf(history),
  };
}
