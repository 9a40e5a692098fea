import { execa, type Options, type ResultPromise } from "execa";

/** How long a program may take to end in good order. */
const graceMs = 3_000;

/** How long to wait for a program. */
export interface TimeLimits {
  /** Without a word from it. @default - for ever */
  readonly idleMs?: number;
  /** In all. @default - for ever */
  readonly totalMs?: number;
}

/** Why a program was ended before it had done its work. */
export class TimeLimitError extends Error {
  /** @param isSilence whether nothing came from it; else it took too long in all */
  constructor(
    message: string,
    readonly isSilence: boolean,
  ) {
    super(message);
  }
}

export interface Group {
  readonly child: ResultPromise;
  /** Resolves and rejects as the child does; with a TimeLimitError where it was not waited for any longer. */
  readonly end: Promise<unknown>;
}

const running = new Set<number>();
process.on("exit", () => {
  for (const leader of running) signal(leader, "SIGKILL");
});

/**
 * Starts a program in a process group of its own, so that whatever it starts ends with it: git's helpers would otherwise go on, and
 * hold the pipes that this process reads from.
 */
export function startGroup(
  program: string,
  args: readonly string[],
  { cancelSignal, ...options }: Options,
  { idleMs, totalMs }: TimeLimits = {},
): Group {
  const ending = new AbortController();
  const child: ResultPromise = execa(program, args, {
    ...options,
    detached: true,
    cancelSignal: ending.signal,
    forceKillAfterDelay: graceMs,
  });
  const { pid } = child;
  const timers: NodeJS.Timeout[] = [];
  const end = (reason: Error) => {
    if (ending.signal.aborted) return;
    ending.abort(reason);
    if (pid === undefined) return;
    signal(pid, "SIGTERM");
    const kill = () => {
      signal(pid, "SIGKILL");
      // Who has left the group may hold them for ever.
      for (const stream of [child.stdout, child.stderr, child.all]) stream?.destroy();
    };
    timers.push(setTimeout(kill, graceMs));
  };
  const interrupt = () => end(cancelSignal?.reason as Error);
  if (pid !== undefined) running.add(pid);
  cancelSignal?.addEventListener("abort", interrupt);
  if (totalMs) timers.push(setTimeout(() => end(tooLong(totalMs)), totalMs));
  if (idleMs) {
    const idle = setTimeout(() => end(new TimeLimitError(`nothing came for ${seconds(idleMs)}`, true)), idleMs);
    timers.push(idle);
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", () => idle.refresh());
  }
  const cleanUp = () => {
    for (const timer of timers) clearTimeout(timer);
    cancelSignal?.removeEventListener("abort", interrupt);
    if (pid === undefined) return;
    if (ending.signal.aborted) signal(pid, "SIGKILL");
    running.delete(pid);
  };
  const ended = child.then(
    (result: unknown) => {
      cleanUp();
      return result;
    },
    (error: unknown) => {
      cleanUp();
      throw ending.signal.reason instanceof TimeLimitError ? ending.signal.reason : error;
    },
  );
  return { child, end: ended };
}

function signal(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch {
    // All of it has ended.
  }
}

/** @param totalMs what was given to it */
export const tooLong = (totalMs: number) => new TimeLimitError(`it took more than ${seconds(totalMs)}`, false);

const seconds = (ms: number) => `${ms / 1000} s`;
