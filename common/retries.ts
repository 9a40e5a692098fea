import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { interrupted } from "./interrupt.ts";

/** How often something is tried. */
export interface Retries {
  readonly attempts: number;
  /** Pause after the first failure, in seconds; it doubles each time, give or take, so that clients do not come back together. */
  readonly firstPause: number;
  /** Longest pause, in seconds. */
  readonly longestPause: number;
}

/**
 * Does something again while it fails for a reason that passes, until Ctrl-C.
 *
 * @param action may be broken off anywhere, and begin anew
 * @param pauseAfter returns how long the other side asks to wait after a failure, in seconds, before the pause that comes anyway: 0
 *   where it does not say; undefined for a failure that will not pass
 * @throws the last failure
 */
export function withRetries<Result>(
  action: () => Promise<Result>,
  pauseAfter: (error: unknown) => number | undefined,
  { attempts, firstPause, longestPause }: Retries,
): Promise<Result> {
  return pRetry(action, {
    retries: attempts - 1,
    minTimeout: firstPause * 1000,
    maxTimeout: longestPause * 1000,
    randomize: true,
    signal: interrupted,
    shouldRetry: async ({ error }) => {
      const asked = pauseAfter(error);
      if (asked === undefined || interrupted.aborted) return false;
      await sleep(Math.min(asked, longestPause) * 1000, undefined, { signal: interrupted });
      return true;
    },
  });
}
