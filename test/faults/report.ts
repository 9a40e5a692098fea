import Table from "cli-table3";
import type { Verdict } from "./checker.ts";
import type { Outcome } from "./outcomes.ts";

/** The most counterexamples to print for one invariant; the JSON has all. */
const shown = 5;

/** What each kind of fault cost: the sum of its operations, and the worst of everything else. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ["fault", "struck", "times", "ok", "failed", "longest gap", "moves", "right after"],
    style: { head: [], border: [] },
  });
  const kinds = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const kind = `${outcome.fault} ${outcome.aim}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), outcome]);
  }
  for (const [, [first, ...others]] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const all = [first!, ...others];
    const sum = (of: (outcome: Outcome) => number) => all.map(of).reduce((a, b) => a + b, 0);
    const worst = (of: (outcome: Outcome) => number) => Math.max(...all.map(of));
    table.push([
      first!.fault,
      first!.aim ?? "all",
      all.length,
      sum(({ ok }) => ok),
      sum(({ failed }) => failed),
      `${worst(({ longestGapSec }) => longestGapSec).toFixed(1)} s`,
      worst(({ moves }) => moves),
      `${worst(({ rightAfterSec }) => rightAfterSec).toFixed(1)} s`,
    ]);
  }
  return table.toString();
}

/** Whether each invariant held, with what contradicts it. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts
    .flatMap(({ invariant, meaning, holds, checked, counterexamples }) => [
      `${holds ? "✔" : "✖"} ${invariant} (${checked} checked): ${meaning}`,
      ...counterexamples.slice(0, shown).map((line) => `    ${line}`),
      ...(counterexamples.length > shown ? [`    and ${counterexamples.length - shown} more`] : []),
    ])
    .join("\n");
}
