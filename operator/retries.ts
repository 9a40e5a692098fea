import { setTimeout as sleep } from "node:timers/promises";
import { interrupted } from "./interrupt.ts";

/** How often something is tried. */
export interface Retries {
  readonly attempts: number;
  /** Pause after the first failure, in seconds; it doubles each time. */
  readonly firstPause: number;
  /** Longest pause, in seconds, whatever the other side asks for. */
  readonly longestPause: number;
}

/**
 * Does something again while it fails for a reason that passes, until Ctrl-C.
 *
 * @param action may be broken off anywhere, and begin anew
 * @param pauseAfter returns how long the other side asks to wait after a failure, in seconds, 0 where it does not say; undefined for a
 *   failure that will not pass
 * @throws the last failure
 */
export async function withRetries<Result>(
  action: () => Promise<Result>,
  pauseAfter: (error: unknown) => number | undefined,
  { attempts, firstPause, longestPause }: Retries,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const asked = pauseAfter(error);
      if (asked === undefined || attempt === attempts || interrupted.aborted) throw error;
      const pause = Math.max(asked, firstPause * 2 ** (attempt - 1));
      await sleep(Math.min(pause, longestPause) * 1000, undefined, { signal: interrupted });
    }
  }
}
