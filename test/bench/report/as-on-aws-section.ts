import type { OutageReport } from "../outage/result.ts";
import { machineLine } from "./machine-line.ts";
import { code, sec, table, verdict } from "./markdown.ts";
import { goalIsMet, type OutageSummary, outageSummaries } from "./outage-summary.ts";

/** The same faults with AWS's delays, beside those without, if they were measured. */
export function asOnAwsSection(report: OutageReport, immediate: OutageReport | undefined): string {
  const without = new Map(immediate ? outageSummaries(immediate).map((summary) => [summary.fault, summary]) : []);
  const rows = outageSummaries(report).flatMap((summary) => {
    const before = without.get(summary.fault);
    return [...(before ? [row(before, "none")] : []), row(summary, "AWS's")];
  });
  return `${machineLine(report.machine)} Seed ${report.asOnAws}.

\`npm start -- --as-on-aws\` delays what AWS delays: AssociateAddress takes 1 to 3 s, and packets follow 1 to 5 s after its answer, each
evenly distributed. These are figures that users of AWS report, not measurements of ours. Everything else is as above.

${table(
  {
    words: ["fault", "delays"],
    numbers: ["runs", "p50 s", "p95 s", "max s", "goal s", "", "detection s", "API call s", "routing s", "moves"],
  },
  rows,
)}

Detection, API call and routing are medians. The goal has 8 s more than the one without delays: the most that the delays can add.`;
}

function row({ fault, runs, p50Sec, p95Sec, maxSec, goalSec, parts, moves }: OutageSummary, delays: string) {
  return [
    ...[code(fault), delays, runs],
    ...[p50Sec, p95Sec, maxSec, goalSec].map(sec),
    goalSec === undefined ? "" : verdict(goalIsMet({ p95Sec, goalSec })),
    ...[parts?.detectionSec, parts?.apiCallSec, parts?.routingSec].map(sec),
    moves.max,
  ];
}
