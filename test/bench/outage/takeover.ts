/** The address moved to another proxy: which one, and when its API call was answered, in ms since 1970. */
export interface Move {
  readonly to: string;
  readonly answeredMs: number;
}

/**
 * Moves of the address among the proxies, from the log of the lab's AWS API. If the holder takes it again, that is not a move.
 *
 * @param log - lines of JSON; those of other calls, callers and times are ignored
 * @param holder - name of the proxy that had the address at `sinceMs`
 */
export function movesIn(log: string, proxies: readonly string[], holder: string, sinceMs: number): Move[] {
  const calls = log
    .split("\n")
    .filter((line) => line.includes('"AssociateAddress"'))
    .map((line) => JSON.parse(line) as { time: string; action: string; caller: string; status: number })
    .filter(({ action, caller, status }) => action === "AssociateAddress" && status === 200 && proxies.includes(caller))
    .map(({ caller, time }) => ({ to: caller, answeredMs: Date.parse(time) }))
    .filter(({ answeredMs }) => answeredMs >= sinceMs);
  return calls.filter(({ to }, index) => to !== (calls[index - 1]?.to ?? holder));
}

/**
 * When keepalived entered a state, in ms since 1970, from its journal.
 *
 * @param journal - what `journalctl --output json` prints
 */
export function entriesInto(state: "MASTER" | "BACKUP" | "FAULT", journal: string): number[] {
  return keepalivedStates(journal)
    .filter((entry) => entry.state === state)
    .map(({ atMs }) => atMs);
}

/** keepalived's latest state. */
export function lastState(journal: string): string | undefined {
  return keepalivedStates(journal).at(-1)?.state;
}

function keepalivedStates(journal: string): { state: string; atMs: number }[] {
  return journal
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>)
    .flatMap((entry) => {
      const state = /^\(\S+\) Entering (\w+) STATE/.exec(String(entry.MESSAGE))?.[1];
      // When keepalived logged it; the other is when the journal stored it. Microseconds.
      const at = entry._SOURCE_REALTIME_TIMESTAMP ?? entry.__REALTIME_TIMESTAMP;
      return state ? [{ state, atMs: Number(at) / 1000 }] : [];
    });
}
