import { faults } from "../../../lab/faults/catalogue.ts";
import { expectations } from "../expectations.ts";
import { eventsOf, type Operation, type Period, type Span } from "../timeline.ts";
import { type Evidence, findingOf, type Invariant, moment, periodNamed } from "./invariant.ts";

export const allProxiesWork: Invariant = {
  name: "all proxies work",
  meaning: "in every time without a fault, every proxy has served requests",
  check(evidence) {
    const counts = eventsOf(evidence.history, "load");
    const proxies = evidence.begun.nodes.filter(({ role }) => role === "proxy").map(({ name }) => name);
    const quiet = counts.flatMap((before, index) => {
      const after = counts[index + 1];
      return before.act === "quiet begins" && after?.act === "quiet ends" ? [{ before, after }] : [];
    });
    return findingOf(quiet, ({ before, after }) =>
      proxies
        .filter((proxy) => !((after.requests[proxy] ?? 0) > (before.requests[proxy] ?? 0)))
        .map((proxy) => `${proxy} served nothing from ${moment(evidence, before.at)} to ${moment(evidence, after.at)}`),
    );
  },
};

export const nothingToChange: Invariant = {
  name: "nothing to change",
  meaning: "after all faults, a converge succeeds and changes nothing on any node",
  check({ history, begun }) {
    const converged = new Map(eventsOf(history, "converged").map((event) => [event.node, event]));
    return findingOf(begun.nodes, ({ name }) => {
      const result = converged.get(name);
      if (!result) return [`${name} did not converge`];
      if (!result.succeeded) return [`${name}: states failed`];
      return result.changed.map((state) => `${name}: ${state} changed something`);
    });
  },
};

export const requestsSucceed: Invariant = {
  name: "requests succeed",
  meaning:
    "every push and pull succeeds, unless it was under way between a fault, or its healing, and the time the cluster has to mend itself",
  check(evidence) {
    const ended = evidence.operations.filter(({ end }) => end !== undefined);
    return findingOf(ended, (operation) => {
      const { kind, repository, tag, at, end } = operation;
      if (end?.result === "ok" || isExcused(evidence, operation)) return [];
      const during = periodAt(evidence, at);
      const when = during ? ` (${periodNamed(evidence, during)})` : "";
      return [
        `${kind} ${operation.operation} of ${repository}:${tag} at ${moment(evidence, at)}${when}: ${end?.result}: ${end?.error}`,
      ];
    });
  },
};

export const serviceInvariants: readonly Invariant[] = [requestsSucceed, allProxiesWork, nothingToChange];

/** Faults that must be healed, which is an event too. */
const lasting = new Set(faults.filter(({ lasts }) => lasts).map(({ name }) => name));

/** Whether an operation may fail: it overlaps the cluster's reaction time after a fault or a healing. */
export function isExcused(evidence: Evidence, { at, end }: Operation): boolean {
  const endedAt = end?.at ?? Number.POSITIVE_INFINITY;
  return evidence.periods.some((period) =>
    excusesOf(evidence, period).some(({ from, to }) => at < to && endedAt > from),
  );
}

/** The times in which a fault excuses failed requests. */
function excusesOf({ begun }: Evidence, { fault, strikes, began, healing, healed }: Period): Span[] {
  const { rightWithinMs } = begun.limits;
  const { serves = true } = expectations[fault];
  if (!serves) return [{ from: strikes, to: healed + rightWithinMs }];
  return [
    { from: strikes, to: began + rightWithinMs },
    ...(lasting.has(fault) ? [{ from: healing, to: healed + rightWithinMs }] : []),
  ];
}

const periodAt = ({ periods }: Evidence, at: number): Period | undefined =>
  periods.find(({ strikes, until }) => at >= strikes && at < until);
