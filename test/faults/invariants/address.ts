import { movesAllowed } from "../expectations.ts";
import { movesOf, type Snapshot, type Span, spansOf } from "../timeline.ts";
import { type Evidence, findingOf, type Invariant, moment, periodNamed } from "./invariant.ts";

/** Whether the holder's nginx answers. */
export const isRight = ({ holder, healthy }: Snapshot) => holder !== undefined && healthy.includes(holder);

const isWhole = (snapshot: Snapshot) => isRight(snapshot) && snapshot.masters.join() === snapshot.holder;

export const addressIsRight: Invariant = {
  name: "the address is right",
  meaning: "soon after a fault the address is at a proxy whose nginx answers, and stays there",
  check(evidence) {
    const { periods, begun, history } = evidence;
    const settled = periods.map((period) => ({
      period,
      span: { from: period.began + begun.limits.rightWithinMs, to: period.healing },
    }));
    return findingOf(
      settled.filter(({ span }) => span.from < span.to),
      ({ period, span }) => [
        ...spansWithout(evidence, span, isRight).map(
          (wrong) => `${periodNamed(evidence, period)}: at no proxy that answers ${lasting(evidence, wrong)}`,
        ),
        ...movesOf(history, span).map(
          (move) => `${periodNamed(evidence, period)}: moved again at ${moment(evidence, move.at)}`,
        ),
      ],
    );
  },
};

export const oneMaster: Invariant = {
  name: "one master",
  meaning: "soon after healing exactly one proxy is master, and it has the address",
  check(evidence) {
    const { periods, begun } = evidence;
    const healed = periods.map((period) => ({
      period,
      span: { from: period.healed + begun.limits.rightWithinMs, to: period.until },
    }));
    return findingOf(
      healed.filter(({ span }) => span.from < span.to),
      ({ period, span }) =>
        spansWithout(evidence, span, isWhole).map((wrong) => {
          const seen = evidence.snapshots.find(({ at }) => at >= wrong.from);
          const masters = seen?.masters.join(" and ") || "nobody";
          return `after ${periodNamed(evidence, period)}: ${masters} master, the address at ${seen?.holder ?? "nobody"}, ${lasting(evidence, wrong)}`;
        }),
    );
  },
};

export const fewMoves: Invariant = {
  name: "few moves",
  meaning: "the address moves at most once for a fault, or as often as its expectation allows",
  check(evidence) {
    return findingOf(evidence.periods, (period) => {
      const moves = movesOf(evidence.history, { from: period.strikes, to: period.until });
      const allowed = movesAllowed(period.fault, period.aim);
      if (moves.length <= allowed) return [];
      const path = moves.map(({ at, to }) => `to ${to} at ${moment(evidence, at)}`).join(", ");
      return [`${periodNamed(evidence, period)}: ${moves.length} moves, ${allowed} allowed: ${path}`];
    });
  },
};

export const addressInvariants: readonly Invariant[] = [addressIsRight, oneMaster, fewMoves];

/** When something did not hold, for longer than a blip. Times without observations count too. */
function spansWithout({ snapshots, begun }: Evidence, span: Span, holds: (snapshot: Snapshot) => boolean): Span[] {
  if (!snapshots.some(({ at }) => at >= span.from && at <= span.to)) return [span];
  const spans = spansOf(snapshots, span, (snapshot) => !holds(snapshot));
  return spans.filter(({ from, to }) => to - from > begun.limits.blipMs);
}

const lasting = (evidence: Evidence, { from, to }: Span) =>
  `from ${moment(evidence, from)} for ${((to - from) / 1_000).toFixed(1)} s`;
