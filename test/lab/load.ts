import { call, pushBlob } from "./support.ts";
import { untilItWorks } from "./until.ts";

/** Load while a cluster changes. */
export interface Load {
  /** How much work was done so far. */
  served(): number;
  /** @returns what failed for longer than a client tries */
  stop(): Promise<unknown[]>;
}

/** Does all of this again and again until it is stopped. What fails is tried again, as every client does. */
export function keepAsking(patienceMs: number, ...works: readonly (() => Promise<unknown>)[]): Load {
  let goesOn = true;
  let served = 0;
  const failures: unknown[] = [];
  const repeat = async (work: () => Promise<unknown>) => {
    while (goesOn) {
      await untilItWorks(work, patienceMs).then(
        () => served++,
        (error: unknown) => failures.push(error),
      );
    }
  };
  const ended = Promise.all(works.map(repeat));
  return {
    served: () => served,
    stop: async () => {
      goesOn = false;
      await ended;
      return failures;
    },
  };
}

/** Pushes a blob and pulls it. */
export const pushAndPull = (repository: string) => async () => {
  const digest = await pushBlob(repository);
  const { status } = await call("GET", `/v2/${repository}/blobs/${digest}`);
  if (status !== 200) throw new Error(`GET answered ${status}`);
};
