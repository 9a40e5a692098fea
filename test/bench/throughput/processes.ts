/** A process of a machine, from /proc. */
export interface Process {
  readonly pid: number;
  readonly command: string;
  /** Since its start, user and system time together. */
  readonly cpuSec: number;
}

/** The kernel reports CPU time in this unit, whatever its internal one. */
const ticksPerSec = 100;

/** Reads lines of `/proc/PID/stat`. */
export function parseProcesses(text: string): Process[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      // The command is in parentheses, and may have blanks and parentheses itself.
      const [open, close] = [line.indexOf("("), line.lastIndexOf(")")];
      const fields = line.slice(close + 2).split(" ");
      const [user, system] = [Number(fields[11]), Number(fields[12])];
      return {
        pid: Number(line.slice(0, open)),
        command: line.slice(open + 1, close),
        cpuSec: (user + system) / ticksPerSec,
      };
    });
}

/** @returns the CPU time of each command between two looks at a machine. A process that started in between counts from its start. */
export function cpuBetween(before: readonly Process[], after: readonly Process[]): Map<string, number> {
  const known = new Map(before.map((process) => [process.pid, process]));
  const seconds = new Map<string, number>();
  for (const { pid, command, cpuSec } of after) {
    const earlier = known.get(pid);
    const used = cpuSec - (earlier?.command === command ? earlier.cpuSec : 0);
    seconds.set(command, (seconds.get(command) ?? 0) + used);
  }
  return seconds;
}

/** Reads lines of `grep` over `/proc/PID/comm` and `/proc/PID/smaps_rollup`. @returns MiB by command. */
export function parseMemory(text: string): Map<string, number> {
  const commands = new Map(
    [...text.matchAll(/^\/proc\/(\d+)\/comm:(.*)$/gm)].map(([, pid, command]) => [pid, command]),
  );
  const mib = new Map<string, number>();
  for (const [, pid, kib] of text.matchAll(/^\/proc\/(\d+)\/smaps_rollup:Pss: +(\d+) kB$/gm)) {
    const command = commands.get(pid);
    if (command !== undefined) mib.set(command, (mib.get(command) ?? 0) + Number(kib) / 1024);
  }
  return mib;
}
