import pRetry from "p-retry";
import { interrupted } from "../../operator/interrupt.ts";

/** Waits of 0.5, 1, 2, 4, 8 and 16 s, give or take: longer than S3 or a registry is away when it fails and comes back. */
const backOff = { retries: 6, minTimeout: 500, factor: 2, randomize: true };

/**
 * Tries again what a registry could not do, so that a long build is not lost to a dropped connection. Ends at once after Ctrl-C.
 *
 * @param attempt may run more than once, and be broken off anywhere
 * @param passes whether a failure is one that passes
 * @throws the last failure
 */
export function patiently<T>(attempt: () => Promise<T>, passes: (error: Error) => boolean): Promise<T> {
  const shouldRetry = ({ error }: { readonly error: Error }) => !interrupted.aborted && passes(error);
  return pRetry(attempt, { ...backOff, signal: interrupted, shouldRetry });
}
