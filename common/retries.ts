import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { interrupted } from "./interrupt.ts";

/** How often to try. */
export interface Retries {
  readonly attempts: number;
  /** Pause after the first failure, in seconds. It doubles each time, with jitter, so that clients do not all return at once. */
  readonly firstPause: number;
  /** Longest pause, in seconds. */
  readonly longestPause: number;
}

/**
 * Repeats an action while it fails for a temporary reason, until Ctrl-C.
 *
 * @param action must be safe to abort at any point and to start again
 * @param pauseAfter returns how many seconds the other side asks to wait after a failure, in addition to the usual pause: 0 if it
 *   does not say; undefined for a permanent failure
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
