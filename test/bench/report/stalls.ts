import type { VrrpRow } from "../outage/result.ts";

/** The longest stall such that neither it nor any shorter one ever moved the address; 0 if even the shortest did. */
export function longestStallSurvivedSec({ stalls }: Pick<VrrpRow, "stalls">): number {
  const byLength = [...stalls].sort((a, b) => a.stallSec - b.stallSec);
  const firstThatMoved = byLength.findIndex(({ moves }) => moves > 0);
  const survived = firstThatMoved === -1 ? byLength : byLength.slice(0, firstThatMoved);
  return survived.at(-1)?.stallSec ?? 0;
}
