import type { FaultOutages, OutageReport, OutageRun } from "../outage/result.ts";
import { percentile } from "../percentile.ts";

/** Summary of all runs of one fault. */
export interface OutageSummary {
  readonly fault: string;
  readonly runs: number;
  readonly p50Sec: number;
  readonly p95Sec: number;
  readonly maxSec: number;
  readonly limitSec?: number;
  readonly goalSec?: number;
  /** Failed requests in the median run, and in the worst. */
  readonly failed: { readonly median: number; readonly max: number };
  /** Requests that failed after the healing, in the worst run. */
  readonly failedWhileHealing: number;
  /** Longest wait for a good answer, in the worst run. */
  readonly slowestSec: number;
  readonly moves: { readonly min: number; readonly max: number };
  /** Medians of the runs in which the address moved. @default - it never did */
  readonly parts?: OutageParts;
}

export interface OutageParts {
  readonly detectionSec: number;
  readonly apiCallSec: number;
  readonly routingSec: number;
}

/** Every fault, the longest outage first. */
export function outageSummaries({ faults }: OutageReport): OutageSummary[] {
  return faults
    .map(outageSummary)
    .sort((a, b) => b.p95Sec - a.p95Sec || b.maxSec - a.maxSec || a.fault.localeCompare(b.fault));
}

function outageSummary({ fault, limitSec, goalSec, runs }: FaultOutages): OutageSummary {
  const outages = runs.map((run) => run.outageSec);
  const failed = runs.map((run) => run.failedRequests);
  const moves = runs.map((run) => run.moves);
  return {
    fault,
    runs: runs.length,
    p50Sec: percentile(outages, 50),
    p95Sec: percentile(outages, 95),
    maxSec: Math.max(...outages),
    limitSec,
    goalSec,
    failed: { median: percentile(failed, 50), max: Math.max(...failed) },
    failedWhileHealing: Math.max(...runs.map((run) => run.failedWhileHealing)),
    slowestSec: Math.max(...runs.map((run) => run.slowestSec)),
    moves: { min: Math.min(...moves), max: Math.max(...moves) },
    parts: partsOf(runs),
  };
}

function partsOf(runs: readonly OutageRun[]): OutageParts | undefined {
  const moved = runs.flatMap(({ detectionSec, apiCallSec, routingSec }) =>
    detectionSec === undefined || apiCallSec === undefined || routingSec === undefined
      ? []
      : [{ detectionSec, apiCallSec, routingSec }],
  );
  if (moved.length === 0) return undefined;
  const medianOf = (part: keyof OutageParts) =>
    percentile(
      moved.map((run) => run[part]),
      50,
    );
  return {
    detectionSec: medianOf("detectionSec"),
    apiCallSec: medianOf("apiCallSec"),
    routingSec: medianOf("routingSec"),
  };
}

/** Whether any fault moved the address, so that there is a failover to split. */
export function addressMoved(report: OutageReport): boolean {
  return outageSummaries(report).some(({ parts }) => parts !== undefined);
}

/** Whether the goal is met: 95 of 100 outages are no longer. */
export function goalIsMet({ p95Sec, goalSec }: { readonly p95Sec: number; readonly goalSec: number }): boolean {
  return p95Sec <= goalSec;
}
