import Table from "cli-table3";
import { percentile } from "../percentile.ts";
import type { FaultOutages, OutageRun } from "./result.ts";

/** The report as a table for the terminal: seconds, over all runs of a fault. */
export function outageTable(faults: readonly FaultOutages[]): string {
  const table = new Table({
    head: [
      ...["fault", "runs", "p50 s", "p95 s", "max s", "limit s", "goal s", "detection s", "API s", "routing s"],
      ...["failed requests", "slowest s", "moves", "failed while healing"],
    ],
    style: { head: [], border: [] },
    wordWrap: true,
  });
  for (const { fault, limitSec, goalSec, runs } of faults) {
    const of = (value: (run: OutageRun) => number | undefined) =>
      runs.map(value).filter((value) => value !== undefined);
    const outages = of(({ outageSec }) => outageSec);
    if (outages.length === 0) continue;
    const p95 = percentile(outages, 95);
    const healed = runs.some(({ endedByHealing }) => endedByHealing) ? ", until healed" : "";
    table.push([
      ...[fault, runs.length, fixed(percentile(outages, 50)), fixed(p95), fixed(Math.max(...outages)) + healed],
      ...[fixed(limitSec), goalSec === undefined ? "" : `${fixed(goalSec)} ${p95 <= goalSec ? "kept" : "MISSED"}`],
      ...[of((run) => run.detectionSec), of((run) => run.apiCallSec), of((run) => run.routingSec)].map(median),
      `${percentile(
        of(({ failedRequests }) => failedRequests),
        50,
      )} of ${percentile(
        of(({ requests }) => requests),
        50,
      )}`,
      fixed(Math.max(...of(({ slowestSec }) => slowestSec))),
      range(of(({ moves }) => moves)),
      range(of(({ failedWhileHealing }) => failedWhileHealing)),
    ]);
  }
  return table.toString();
}

/** The result of one run, in one line. */
export function outageLine({ outageSec, failedRequests, requests, moves, ...run }: OutageRun): string {
  const healed = run.endedByHealing ? ", until it was healed" : "";
  const reasons = Object.entries(run.failures ?? {}).map(([reason, count]) => `${count} x ${reason}`);
  const why = reasons.length > 0 ? ` (${reasons.join(", ")})` : "";
  const parts = [run.detectionSec, run.apiCallSec, run.routingSec].map(fixed).join(" + ");
  const takeover = run.detectionSec === undefined ? "" : ` (detection + API + routing: ${parts})`;
  const healing = run.failedWhileHealing > 0 ? `, ${run.failedWhileHealing} failed while healing` : "";
  return `${fixed(outageSec)} s${healed}${takeover}, ${failedRequests} of ${requests} requests failed${why}, ${moves} moves, slowest ${fixed(run.slowestSec)} s${healing}`;
}

const median = (values: readonly number[]) => (values.length === 0 ? "" : fixed(percentile(values, 50)));
const fixed = (seconds: number | undefined) => seconds?.toFixed(2) ?? "";

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${most}` : `${least} to ${most}`;
}
