import { code, sec, table, verdict } from "./markdown.ts";
import { goalIsMet, outageSummaries } from "./outage-summary.ts";
import type { Results } from "./results.ts";
import { clientsText, inOrder, operationNames, pathNames, ratioIsMet } from "./throughput-names.ts";

/** A goal that was set before it was measured. */
export interface Goal {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly isMet: boolean;
}

/** Every goal that was measured, met or not. */
export function goalsOf({ outage, throughput }: Results): Goal[] {
  const outages = (outage ? outageSummaries(outage) : []).flatMap(({ fault, p95Sec, goalSec }) =>
    goalSec === undefined
      ? []
      : [
          {
            what: `outage by ${code(fault)}, p95`,
            measured: `${sec(p95Sec)} s`,
            goal: `at most ${sec(goalSec)} s`,
            isMet: goalIsMet({ p95Sec, goalSec }),
          },
        ],
  );
  const ratios = inOrder(throughput?.rows ?? []).flatMap(({ operation, path, clients, ratioToBare, goal }) =>
    goal === undefined
      ? []
      : [
          {
            what: `${operationNames[operation]}, ${pathNames[path]}, ${clientsText(clients)}: throughput to that of a bare registry`,
            measured: ratioToBare.toFixed(2),
            goal: `at least ${goal.toFixed(2)}`,
            isMet: ratioIsMet({ ratioToBare, goal }),
          },
        ],
  );
  return [...outages, ...ratios];
}

export function goalTable(goals: readonly Goal[]): string {
  return table(
    { words: ["what"], numbers: ["measured", "goal", ""] },
    goals.map(({ what, measured, goal, isMet }) => [what, measured, goal, verdict(isMet)]),
  );
}
