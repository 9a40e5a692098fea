import { describe, expect, it } from "vitest";
import { check } from "../../faults/checker.ts";
import type { HistoryEvent } from "../../faults/history.ts";
import { begunAt, endsAt, goodHistory, healedAt, image, inOrder, pull, push, struckAt } from "./histories.ts";

/** Invariants that a history breaks. */
const broken = (history: readonly HistoryEvent[]) =>
  check(history)
    .filter(({ holds }) => !holds)
    .map(({ invariant }) => invariant);

const counterexamples = (history: readonly HistoryEvent[]) =>
  check(history).flatMap((verdict) => verdict.counterexamples);

const good = goodHistory();
const other = { manifest: "sha256:m2", blobs: ["sha256:config2"] };
const seconds = (second: number) => begunAt + second * 1_000;
/** The good history with something else in the place of some events. */
const changed = (change: (event: HistoryEvent) => HistoryEvent | undefined) =>
  good.flatMap((event) => change(event) ?? []);

it("finds nothing wrong with a history in which all went well, and has looked at something for each invariant", () => {
  expect(broken(good)).toEqual([]);
  expect(check(good).every(({ checked }) => checked > 0)).toBe(true);
});

it("does not take a history in which nothing happened for a good one", () => {
  expect(broken(good.slice(0, 1))).toEqual(check(good).map(({ invariant }) => invariant));
});

describe("an acknowledged push", () => {
  it.each(["missing", "wrong", "failed"] as const)(
    "is lost when a registry's last answer for a blob is: %s",
    (result) => {
      const history = changed((event) =>
        event.type === "final" && event.registry === "registry-2" && event.digest === "sha256:layer"
          ? { ...event, result }
          : event,
      );
      expect(broken(history)).toEqual(["nothing is lost"]);
      expect(counterexamples(history)[0]).toMatch(/^registry-2: sha256:layer in r, acknowledged by push 1: /);
    },
  );

  it("is lost when nobody has read it at the end", () => {
    const history = changed((event) =>
      event.type === "final" && event.digest === image.manifest && event.registry === "registry-1" ? undefined : event,
    );
    expect(broken(history)).toEqual(["nothing is lost"]);
  });

  it("is not what a push is whose answer never came", () => {
    const history = inOrder([...good, ...push(9, struckAt + 1, other, "u", { result: "unknown" })]);
    expect(broken(history)).toEqual([]);
  });
});

describe("a pull", () => {
  it.each(["wrong", "missing"] as const)("may never end with: %s, also while a fault lasts", (result) => {
    const history = inOrder([...good, ...pull(9, struckAt + 1, image.manifest, "t", { result, error: "why" })]);
    expect(broken(history)).toEqual(["no byte is wrong"]);
  });

  it("may not get a manifest that nobody pushed to its tag", () => {
    const history = inOrder([
      ...good,
      ...push(8, 10, other, "u", { result: "unknown" }),
      ...pull(9, 15, other.manifest),
    ]);
    expect(broken(history)).toContain("tags are true");
  });

  it("may not get what another push had replaced before it began", () => {
    const finals = good.flatMap((event) =>
      event.type === "final"
        ? [event, ...[other.manifest, ...other.blobs].map((digest) => ({ ...event, digest }))]
        : [],
    );
    const replaced = [...good.filter(({ type }) => type !== "final"), ...finals, ...push(8, 6, other)];
    const fresh = replaced.filter((event) => !("operation" in event && event.operation === 3));
    expect(broken(inOrder([...fresh, ...pull(9, 9, other.manifest)]))).toEqual([]);
    expect(broken(inOrder([...fresh, ...pull(9, 9, image.manifest)]))).toEqual(["tags are true"]);
    expect(broken(inOrder([...fresh, ...pull(9, 6.5, image.manifest)]))).toEqual([]);
  });

  it("may get what a push that nobody acknowledged has written, at any later time", () => {
    const unknown = push(8, struckAt + 1, other, "t", { result: "unknown" });
    expect(broken(inOrder([...good, ...unknown, ...pull(9, 60, other.manifest)]))).toEqual([]);
  });
});

describe("the address", () => {
  const dead = { holder: "proxy-1", masters: ["proxy-2"], healthy: ["proxy-2"] };
  const moved = { holder: "proxy-2", masters: ["proxy-2"], healthy: ["proxy-2"] };
  const before = { holder: "proxy-1", masters: ["proxy-1"], healthy: ["proxy-1", "proxy-2"] };
  const after = { ...moved, healthy: ["proxy-1", "proxy-2"] };

  it("may not stay at a proxy whose nginx is dead", () => {
    const look = (second: number) => (second < struckAt ? before : second < healedAt ? dead : after);
    expect(broken(goodHistory({ look }))).toEqual(["the address is right"]);
  });

  it("may not stay at a proxy that says nothing", () => {
    const silent = good.filter(
      (event) => !(event.type === "proxy" && event.node === "proxy-2" && event.at >= seconds(struckAt + 3)),
    );
    expect(broken(silent)).toEqual(["the address is right", "one master"]);
  });

  it("may not be with nobody", () => {
    const look = (second: number) =>
      second < struckAt ? before : second < healedAt ? { ...dead, holder: undefined } : after;
    expect(broken(goodHistory({ look }))).toEqual(["the address is right", "few moves"]);
  });

  it("may be at a proxy whose nginx was late with one answer", () => {
    const look = (second: number) =>
      second < struckAt ? before : second === 35 ? { ...moved, healthy: [] } : second < healedAt ? moved : after;
    expect(broken(goodHistory({ look }))).toEqual([]);
  });

  it("may not move again once it has settled, even to a proxy that answers", () => {
    const look = (second: number) => (second < struckAt ? before : second < 35 ? after : second < 36 ? before : after);
    expect(broken(goodHistory({ look }))).toEqual(["the address is right", "few moves"]);
  });

  it("may not move a second time for one fault, except for one of which that is expected", () => {
    const look = (second: number) => (second < struckAt + 3 ? before : second < 45 ? after : before);
    expect(broken(goodHistory({ look }))).toEqual(["few moves"]);
    expect(broken(goodHistory({ look, fault: { fault: "node-pause" } }))).toEqual([]);
  });

  it("may not move at all when nothing has happened to its proxy", () => {
    expect(broken(goodHistory({ fault: { aim: "registry", node: "registry-1", fault: "node-off" } }))).toEqual([
      "few moves",
    ]);
  });

  it.each([
    ["two masters", { masters: ["proxy-1", "proxy-2"] }],
    ["no master", { masters: [] }],
    ["another master than its holder", { masters: ["proxy-1"] }],
  ])("may not have %s after healing", (_name, masters) => {
    const look = (second: number) =>
      second < struckAt ? before : second < healedAt ? moved : { ...after, ...masters };
    expect(broken(goodHistory({ look }))).toEqual(["one master"]);
  });

  it("is not taken for right when nobody looked", () => {
    const blind = good.filter(({ type, at }) => !(type === "address" || type === "proxy") || at < seconds(struckAt));
    expect(broken(blind)).toEqual(["the address is right", "one master"]);
  });
});

describe("a request", () => {
  const failedAt = (second: number, fault = {}) =>
    inOrder([...goodHistory({ fault }), ...pull(9, second, "sha256:none", "t", { result: "failed", error: "cut" })]);

  it("may fail right after a fault, and right after its healing", () => {
    expect(broken(failedAt(struckAt + 1))).toEqual([]);
    expect(broken(failedAt(healedAt + 1))).toEqual([]);
  });

  it("may not fail before a fault, long after it, or long after its healing", () => {
    for (const second of [10, struckAt + 12, endsAt - 8]) {
      expect(broken(failedAt(second))).toEqual(["requests succeed"]);
    }
  });

  it("may fail as long as no image can be read at all", () => {
    expect(broken(failedAt(struckAt + 12, { fault: "s3-cut", aim: undefined }))).toEqual(["few moves"]);
  });

  it("may not fail after a fault that needs no healing and must be over", () => {
    expect(broken(failedAt(healedAt + 1, { fault: "nginx-crash" }))).toEqual(["requests succeed"]);
  });
});

it("notices a proxy that serves nothing in a time without faults", () => {
  const history = changed((event) =>
    event.type === "load" && event.act === "quiet ends"
      ? { ...event, requests: { ...event.requests, "proxy-1": 100 } }
      : event,
  );
  expect(broken(history)).toEqual(["all proxies work"]);
});

describe("a converge after all faults", () => {
  const converged = (result: object) =>
    changed((event) => (event.type === "converged" && event.node === "proxy-1" ? { ...event, ...result } : event));

  it("may not change anything", () => {
    expect(broken(converged({ changed: ["service.running nginx"] }))).toEqual(["nothing to change"]);
  });

  it("may not fail", () => {
    expect(broken(converged({ succeeded: false }))).toEqual(["nothing to change"]);
  });

  it("may not be left out", () => {
    const history = changed((event) => (event.type === "converged" && event.node === "proxy-1" ? undefined : event));
    expect(broken(history)).toEqual(["nothing to change"]);
  });
});

it("says what was wrong, with which fault and when", () => {
  const look = (second: number) =>
    second < 24
      ? { holder: "proxy-1", masters: ["proxy-1"], healthy: second < struckAt ? ["proxy-1", "proxy-2"] : ["proxy-2"] }
      : { holder: second < 45 ? "proxy-2" : "proxy-1", masters: ["proxy-2"], healthy: ["proxy-1", "proxy-2"] };
  expect(counterexamples(goodHistory({ look }))).toContain(
    "nginx-stop of proxy-1 at 20.0 s: 2 moves, 1 allowed: to proxy-2 at 24.0 s, to proxy-1 at 45.0 s",
  );
});
