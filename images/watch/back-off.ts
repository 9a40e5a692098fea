const longestMs = 3_600_000;

/**
 * How long to wait before the next try.
 *
 * @param failures in a row
 * @param jitter from 0 to 1: spreads the polls of several builders
 * @returns ms: the interval, give or take a tenth; doubled for each failure, up to an hour
 */
export function nextTryMs(intervalMs: number, failures: number, jitter: number): number {
  const wait = Math.min(intervalMs * 2 ** Math.min(failures, 16), Math.max(longestMs, intervalMs));
  return Math.round(wait * (0.9 + jitter / 5));
}
