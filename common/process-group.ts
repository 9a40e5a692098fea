import { execa, type Options, type ResultPromise } from "execa";

/** How long a program may take to end after SIGTERM. */
const graceMs = 3_000;

/** How long to wait for a program. */
export interface TimeLimits {
  /** Without any output. @default - forever */
  readonly idleMs?: number;
  /** In total. @default - forever */
  readonly totalMs?: number;
}

/** Why a program was ended before it was done. */
export class TimeLimitError extends Error {
  /** @param isSilence whether it printed nothing for too long; else it took too long in total */
  constructor(
    message: string,
    readonly isSilence: boolean,
  ) {
    super(message);
  }
}

export interface Group {
  readonly child: ResultPromise;
  /** Settles as the child does, or rejects with a TimeLimitError when a limit is reached. */
  readonly end: Promise<unknown>;
}

const running = new Set<number>();
process.on("exit", () => {
  for (const leader of running) signal(leader, "SIGKILL");
});

/**
 * Starts a program in its own process group, so that its children end with it: git's helpers would otherwise keep running and hold
 * open the pipes that this process reads from.
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
      // A process that has left the group may hold them open forever.
      for (const stream of [child.stdout, child.stderr, child.all]) stream?.destroy();
    };
    timers.push(setTimeout(kill, graceMs));
  };
  const interrupt = () => end(cancelSignal?.reason as Error);
  if (pid !== undefined) running.add(pid);
  cancelSignal?.addEventListener("abort", interrupt);
  if (totalMs) timers.push(setTimeout(() => end(tooLong(totalMs)), totalMs));
  if (idleMs) {
    const idle = setTimeout(() => end(new TimeLimitError(`no output for ${seconds(idleMs)}`, true)), idleMs);
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
    // The whole group has ended already.
  }
}

/** @param totalMs the limit */
export const tooLong = (totalMs: number) => new TimeLimitError(`it took more than ${seconds(totalMs)}`, false);

const seconds = (ms: number) => `${ms / 1000} s`;
