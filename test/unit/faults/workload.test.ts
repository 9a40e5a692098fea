import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { check } from "../../faults/checker.ts";
import { Client } from "../../faults/client.ts";
import { History, type HistoryEvent, readHistory } from "../../faults/history.ts";
import { operationsOf } from "../../faults/timeline.ts";
import { Workload } from "../../faults/workload.ts";
import { FakeRegistry, type Mischief } from "./fake-registry.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workload-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What clients write down about a registry, until it is enough. */
async function historyWith(
  mischief: Mischief,
  isEnough: (events: readonly HistoryEvent[]) => boolean = hasCompleted(60),
): Promise<HistoryEvent[]> {
  const registry = new FakeRegistry(mischief);
  const file = join(folder, "history.jsonl");
  const history = new History(file);
  history.add({
    ...{ type: "begun", at: Date.now(), seed: 1, minutes: 1 },
    ...{ nodes: [], limits: { rightWithinMs: 1_000, blipMs: 100, patienceMs: 2_000 } },
  });
  try {
    const workload = new Workload({ target: await registry.start(), history, seed: 1, run: "test", pauseMs: 5 });
    while (!isEnough(history.events)) await sleep(20);
    await workload.stop();
  } finally {
    registry.stop();
    await history.close();
  }
  return readHistory(file);
}

const hasCompleted = (operations: number) => (events: readonly HistoryEvent[]) =>
  events.filter(({ type }) => type === "completed").length >= operations;
const holds = (history: readonly HistoryEvent[], name: string) =>
  check(history).find(({ invariant }) => invariant === name)?.holds;
const count = (history: HistoryEvent[], kind: "push" | "pull", result: string) =>
  operationsOf(history).filter((operation) => operation.kind === kind && operation.end?.result === result).length;

describe("clients of a good registry", () => {
  it("push and pull, all of it succeeds, and every operation is in the history with its end", async () => {
    const history = await historyWith({});
    expect(count(history, "push", "ok")).toBeGreaterThan(10);
    expect(count(history, "pull", "ok")).toBeGreaterThan(10);
    expect(operationsOf(history).filter(({ end }) => end?.result !== "ok")).toEqual([]);
    for (const name of ["no byte is wrong", "tags are true", "requests succeed"])
      expect(holds(history, name)).toBe(true);
  });

  it("use fresh connections and kept ones, and put several images under one tag", async () => {
    const history = await historyWith({});
    const pushes = operationsOf(history).filter(({ kind }) => kind === "push");
    expect(new Set(pushes.map(({ connection }) => connection))).toEqual(new Set(["fresh", "kept"]));
    expect(new Set(pushes.map(({ repository, tag }) => repository + tag)).size).toBeLessThan(pushes.length);
  });
});

describe("clients notice a registry", () => {
  it.each<[string, Mischief, string]>([
    ["that loses a manifest which it has acknowledged", { losesManifests: true }, "no byte is wrong"],
    ["that loses a blob which it has acknowledged", { losesBlobs: true }, "no byte is wrong"],
    ["that turns a bit", { flipsBits: true }, "no byte is wrong"],
    ["that sends half a blob as if it were all", { truncates: true }, "no byte is wrong"],
    ["that leaves a tag where it was", { neverMovesTags: true }, "tags are true"],
  ])("%s", async (_name, mischief, invariant) => {
    const everyMischiefShowsIn = hasCompleted(120);
    const history = await historyWith(
      mischief,
      (events) => everyMischiefShowsIn(events) || holds(events, invariant) === false,
    );
    expect(holds(history, invariant)).toBe(false);
  });

  it("that answers no push of a manifest: whether it happened is unknown, and nothing wrong is proved", async () => {
    const history = await historyWith({ cutsAnswers: true }, hasCompleted(30));
    expect(count(history, "push", "unknown")).toBeGreaterThan(10);
    expect(count(history, "push", "ok")).toBe(0);
  });
});

it("gives an operation up in time when nobody answers, not even to agree on TLS", async () => {
  const silent = createServer((socket) => socket.on("error", () => {}).resume());
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo;
  const start = Date.now();
  const target = { protocol: "https:", host: "127.0.0.1", port, auth: "user:password", patienceMs: 500 } as const;
  const { result, error } = await new Client(target, false).pull({ repository: "r", tag: "t" });
  silent.close();
  expect({ result, error }).toEqual({ result: "failed", error: "no answer within 1 s" });
  expect(Date.now() - start).toBeLessThan(950);
});
