import { describe, expect, it } from "vitest";
import { outageRun, type Trace } from "../../../bench/outage/outage-run.ts";
import type { Probe } from "../../../bench/outage/probe.ts";

/** Requests every 20 ms until 12 s, each answered in 10 ms; those that start in the gap fail. */
const probesWithGap = (fromMs: number, toMs: number): Probe[] =>
  Array.from({ length: 600 }, (_unused, index) => index * 20).map((startMs) => ({
    startMs,
    endMs: startMs + 10,
    ...(startMs >= fromMs && startMs < toMs ? { failure: "ECONNREFUSED" } : {}),
  }));

const trace: Trace = {
  probes: probesWithGap(1000, 4100),
  faultMs: 990,
  healingMs: 8000,
  endedByHealing: false,
  wholeMs: 12_000,
  moves: [{ to: "proxy-2", answeredMs: 4050 }],
  mastersMs: { "proxy-1": [], "proxy-2": [4013.4] },
};

describe("one run of the bench", () => {
  it("has an outage that detection, API call and routing make up from the fault on", () => {
    expect(outageRun(trace)).toMatchObject({
      outageSec: 3.11,
      detectionSec: 3.023,
      apiCallSec: 0.037,
      routingSec: 0.06,
      moves: 1,
    });
  });

  it("counts the requests that failed, and those that there were, from the fault to the healing", () => {
    expect(outageRun(trace)).toMatchObject({ failedRequests: 155, requests: 350 });
  });

  it("has no such parts when the address did not move", () => {
    const { detectionSec, apiCallSec, routingSec, moves } = outageRun({ ...trace, moves: [] });
    expect([detectionSec, apiCallSec, routingSec, moves]).toEqual([undefined, undefined, undefined, 0]);
  });

  it("takes the last time at which the proxy that took the address became master before it did", () => {
    const mastersMs = { "proxy-1": [3000], "proxy-2": [500, 2000, 4000, 6000] };
    expect(outageRun({ ...trace, mastersMs }).detectionSec).toBe(3.01);
  });

  it("has a takeover also when no request failed: routing then is the next answer", () => {
    expect(outageRun({ ...trace, probes: probesWithGap(0, 0) })).toMatchObject({ outageSec: 0, routingSec: 0.02 });
  });

  it("does not count as routing what fails long after the address has moved", () => {
    const probes = [...probesWithGap(1000, 4100), { startMs: 6000, endMs: 8000, failure: "no answer in time" }];
    expect(outageRun({ ...trace, probes })).toMatchObject({ outageSec: 5.03, routingSec: 0.06 });
  });

  it("tells what fails while it is healed from the outage", () => {
    const run = outageRun({ ...trace, probes: probesWithGap(9000, 9100) });
    expect(run).toMatchObject({ outageSec: 0, failedRequests: 0, failedWhileHealing: 5 });
  });

  it("counts a move back during the healing, but does not take it for the takeover", () => {
    const back = { moves: [{ to: "proxy-1", answeredMs: 9000 }], mastersMs: { "proxy-1": [8900] } };
    const { moves, detectionSec } = outageRun({ ...trace, ...back });
    expect([moves, detectionSec]).toEqual([1, undefined]);
  });

  it("says when only the healing ended the outage", () => {
    const probes = probesWithGap(1000, 8500);
    expect(outageRun(trace).endedByHealing).toBeUndefined();
    expect(outageRun({ ...trace, probes, endedByHealing: true })).toMatchObject({
      endedByHealing: true,
      outageSec: 7.51,
    });
  });
});
