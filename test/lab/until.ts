import { setTimeout as sleep } from "node:timers/promises";

/** Does something again until it succeeds, as every registry client does. */
export async function untilItWorks<T>(what: () => Promise<T>, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

/** Waits until something holds. @throws with `why` it should have. */
export async function until(what: () => Promise<boolean>, withinMs: number, why: string): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await what()); await sleep(250)) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${why}`);
  }
}
