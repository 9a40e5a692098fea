import { describe, expect, it } from "vitest";
import { formatRollout } from "../../../../cli/rollout-table.ts";
import { type Control, judgeRollout, type Report } from "../../../../operate/rollout/judgement.ts";

const now = new Date("2026-05-01T12:00:00Z");
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
const [older, newer] = ["0".repeat(64), "1".repeat(64)];

const good: Report = { bundle: newer, runs: newer, result: "good", time: minutes(-10) };
const old: Report = { ...good, bundle: older, runs: older };
const failed: Report = { ...good, runs: older, result: "failed", detail: "nginx is failed, must be active; went back" };
const applying: Report = { ...good, runs: older, result: "applying", until: minutes(20) };

const judge = (reports: Record<string, Report>, control: Control = {}) =>
  judgeRollout(
    { nodes: ["bastion", "proxy-1"], bundle: newer, reports: new Map(Object.entries(reports)), control },
    now,
  );

describe("a rollout", () => {
  it("is done when every node runs the current bundle", () => {
    expect(judge({ bastion: good, "proxy-1": good })).toMatchObject({ state: "done" });
  });

  it("waits for the turns of the nodes that have another bundle, or have not reported yet", () => {
    expect(judge({ bastion: old })).toMatchObject({
      state: "under way",
      reason: "it waits for the turns of bastion, proxy-1",
      nodes: [
        { node: "bastion", state: "waits", runs: older },
        { node: "proxy-1", state: "silent" },
      ],
    });
  });

  it("waits for the node that applies it", () => {
    const found = judge({ bastion: applying, "proxy-1": old });
    expect(found).toMatchObject({ state: "under way", reason: "bastion applies it" });
  });

  it("has stopped when it failed on a node, paused or not", () => {
    for (const control of [{}, { paused: true }]) {
      const found = judge({ bastion: good, "proxy-1": failed }, control);
      expect(found).toMatchObject({ state: "stopped", reason: expect.stringMatching(/^it failed on proxy-1, /) });
      expect(found.nodes[1]).toMatchObject({ state: "failed", runs: older, detail: failed.detail });
    }
  });

  it("has stopped when a node has begun and not finished in time", () => {
    const found = judge({ bastion: { ...applying, until: minutes(-1) }, "proxy-1": old });
    expect(found).toMatchObject({ state: "stopped" });
    expect(found.nodes[0]?.detail).toBe("it began and has not finished in time");
  });

  it("goes on when the operator has asked for another try since it failed, not before", () => {
    const reports = { bastion: good, "proxy-1": failed };
    expect(judge(reports, { retriedAt: minutes(-9) })).toMatchObject({ state: "under way" });
    expect(judge(reports, { retriedAt: minutes(-11) })).toMatchObject({ state: "stopped" });
  });

  it("does not count a failure with an earlier bundle", () => {
    expect(judge({ bastion: good, "proxy-1": { ...failed, bundle: older } })).toMatchObject({ state: "under way" });
  });

  it("does not count nodes that no longer exist", () => {
    expect(judge({ bastion: good, "proxy-1": good, "proxy-2": failed })).toMatchObject({ state: "done" });
  });

  it("is paused when the operator wants that, unless it is done", () => {
    expect(judge({ bastion: good, "proxy-1": old }, { paused: true })).toMatchObject({ state: "paused" });
    expect(judge({ bastion: good, "proxy-1": good }, { paused: true })).toMatchObject({ state: "done" });
  });
});

describe("its table", () => {
  it("says which bundle each node runs since when, what went wrong, and what to do", () => {
    const text = formatRollout(judge({ bastion: good, "proxy-1": failed }));
    expect(text).toMatch(/bastion +│ 111111111111 │ 2026-05-01T11:50:00Z │ runs it /);
    expect(text).toMatch(
      /proxy-1 +│ 000000000000 │ 2026-05-01T11:50:00Z │ failed: nginx is failed, must be active; went back /,
    );
    expect(text).toContain(
      "the current bundle is 111111111111; stopped: it failed on proxy-1, so the other nodes keep",
    );
    expect(text).toContain(
      "mend: deploy a bundle that works, or try this one again: npx registry-cluster rollout retry",
    );
  });
});
