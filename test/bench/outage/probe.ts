/** One request of the prober, on its own connection. Times in ms since 1970. */
export interface Probe {
  /** When it was due, even if the prober itself was late: a client would have waited that long too. */
  readonly startMs: number;
  readonly endMs: number;
  /** Why it failed. @default - it got a good answer */
  readonly failure?: string;
}

export const isGood = ({ failure }: Probe) => failure === undefined;

/** What clients saw in a period of time. */
export interface Outage {
  readonly failedRequests: number;
  /** Number of failures by reason. @default - none failed */
  readonly failures?: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Longest wait for a good answer. */
  readonly slowestMs: number;
  /** Start of the first request that failed. @default - none failed */
  readonly begunMs?: number;
  /** End of the first good answer after the last failure. @default - none failed */
  readonly endedMs?: number;
}

/**
 * The outage that a fault caused, from its start until it was healed.
 *
 * A request counts if it was under way when the fault began, or started later, before the healing. The outage begins with the
 * start of the first request that failed. It ends with the answer to the first request that started after the last one that
 * failed: so good answers between failures do not end it, and neither does an earlier request that hung and succeeded in the
 * end. Requests start every 20 ms, so both ends are up to that much later than the truth.
 *
 * An outage that only healing ends, ends with the first good answer after it.
 *
 * @param probes - all that started before the healing must have ended
 * @throws Error if no request succeeded after the last that failed
 */
export function outageBetween(probes: readonly Probe[], faultMs: number, healingMs: number): Outage {
  const seen = probes.filter(({ startMs, endMs }) => endMs > faultMs && startMs < healingMs);
  const failed = seen.filter((probe) => !isGood(probe));
  const counts = {
    failedRequests: failed.length,
    requests: seen.length,
    slowestMs: Math.max(0, ...seen.filter(isGood).map(({ startMs, endMs }) => endMs - startMs)),
  };
  if (failed.length === 0) return counts;

  const failedStarts = failed.map(({ startMs }) => startMs);
  const lastFailed = Math.max(...failedStarts);
  const after = probes.filter((probe) => isGood(probe) && probe.startMs > lastFailed).map(({ endMs }) => endMs);
  if (after.length === 0) throw new Error("no request succeeded after the last that failed: the outage has no end");
  const failures = countReasons(failed);
  return { ...counts, failures, begunMs: Math.min(...failedStarts), endedMs: Math.min(...after) };
}

function countReasons(failed: readonly Probe[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { failure = "" } of failed) counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}
