import type { FaultName } from "../../lab/faults/catalogue.ts";
import type { Aim, Begun, Completed, FinalRead, HistoryEvent, Invoked, ProxySeen, Struck } from "./history.ts";

/** An operation of a client. It has no end if the history ended first. */
export interface Operation extends Invoked {
  readonly end?: Completed;
}

/** A fault, from its start until the next one. */
export interface Period {
  readonly fault: FaultName;
  readonly aim?: Aim;
  readonly node?: string;
  /** When the nemesis started to inject it. */
  readonly strikes: number;
  /** When it took effect. */
  readonly began: number;
  readonly healing: number;
  readonly healed: number;
  /** When the next one began, or the history ended. */
  readonly until: number;
}

/** The state of the cluster at one moment. */
export interface Snapshot {
  readonly at: number;
  readonly holder: string | undefined;
  readonly masters: readonly string[];
  /** Proxies whose nginx answers. */
  readonly healthy: readonly string[];
}

/** A proxy without a report for longer than this counts as absent. It reports twice a second, and nginx has 2 s to answer. */
const silentMs = 3_000;

export function begunOf(history: readonly HistoryEvent[]): Begun {
  const [begun] = history;
  if (begun?.type !== "begun") throw new Error("the history does not start with the trial's options");
  return begun;
}

export function operationsOf(history: readonly HistoryEvent[]): Operation[] {
  const ends = new Map(eventsOf(history, "completed").map((completed) => [completed.operation, completed]));
  return eventsOf(history, "invoked").map((invoked) => ({ ...invoked, end: ends.get(invoked.operation) }));
}

export function eventsOf<T extends HistoryEvent["type"]>(history: readonly HistoryEvent[], type: T) {
  return history.filter((event): event is Extract<HistoryEvent, { type: T }> => event.type === type);
}

export function periodsOf(history: readonly HistoryEvent[]): Period[] {
  const acts = eventsOf(history, "nemesis").filter(({ act }) => act !== "beside");
  const end = Math.max(...history.map(({ at }) => at));
  const starts = acts.filter(({ act }) => act === "strikes");
  return starts.map((start, index) => {
    const until = starts[index + 1]?.at ?? end;
    const within = acts.filter(({ at }) => at >= start.at && at <= until);
    const first = (act: Struck["act"]) => within.find((event) => event.act === act && event.fault === start.fault);
    const { fault, aim, node } = start;
    const healed = first("healed")?.at ?? until;
    const began = first("struck")?.began ?? start.at;
    return { fault, aim, node, strikes: start.at, began, healing: first("healing")?.at ?? healed, healed, until };
  });
}

/** The state of the cluster at each observation. */
export function snapshotsOf(history: readonly HistoryEvent[]): Snapshot[] {
  const silences = silencesOf(history);
  const said = new Map<string, ProxySeen>();
  let holder: string | undefined;
  const snapshots: Snapshot[] = [];
  for (const event of history) {
    if (event.type === "proxy") said.set(event.node, event);
    else if (event.type === "address") holder = event.holder;
    else continue;
    const heard = [...said.values()].filter((words) => event.at === words.at || !silences.has(words));
    snapshots.push({
      at: event.at,
      holder,
      masters: heard.filter(({ master }) => master).map(({ node }) => node),
      healthy: heard.filter(({ healthy }) => healthy).map(({ node }) => node),
    });
  }
  return snapshots;
}

/** The last report of each proxy before it fell silent: it counts as absent from then on, not only since we noticed. */
function silencesOf(history: readonly HistoryEvent[]): Set<ProxySeen> {
  const silences = new Set<ProxySeen>();
  const last = new Map<string, ProxySeen>();
  for (const event of history) {
    if (event.type !== "proxy" && event.type !== "address") continue;
    for (const words of last.values()) if (event.at - words.at > silentMs) silences.add(words);
    if (event.type === "proxy") last.set(event.node, event);
  }
  return silences;
}

/** A period in which something held without interruption. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When something held, between two moments: each span ends with the first snapshot in which it no longer held. */
export function spansOf(
  snapshots: readonly Snapshot[],
  { from, to }: Span,
  holds: (snapshot: Snapshot) => boolean,
): Span[] {
  const spans: Span[] = [];
  let since: number | undefined;
  for (const snapshot of snapshots) {
    if (snapshot.at < from || snapshot.at > to) continue;
    if (holds(snapshot)) since ??= snapshot.at;
    else if (since !== undefined) {
      spans.push({ from: since, to: snapshot.at });
      since = undefined;
    }
  }
  if (since !== undefined) spans.push({ from: since, to });
  return spans;
}

/** Moments at which the address moved from one proxy to another. */
export function movesOf(
  history: readonly HistoryEvent[],
  { from, to }: Span,
): { at: number; from?: string; to?: string }[] {
  const seen = eventsOf(history, "address");
  return seen.flatMap(({ at, holder }, index) => {
    const before = seen[index - 1];
    const hasMoved = before !== undefined && before.holder !== holder && at >= from && at < to;
    return hasMoved ? [{ at, from: before.holder, to: holder }] : [];
  });
}

/** Identifies a final read: what was read, and where. */
export const finalKey = ({ registry, repository, digest }: Pick<FinalRead, "registry" | "repository" | "digest">) =>
  `${registry} ${repository} ${digest}`;
