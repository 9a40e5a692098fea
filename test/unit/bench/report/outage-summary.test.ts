import { describe, expect, it } from "vitest";
import type { FaultOutages } from "../../../bench/outage/result.ts";
import { goalIsMet, outageSummaries } from "../../../bench/report/outage-summary.ts";
import { outage, run } from "./fixture.ts";

const summaryOf = (more: Partial<FaultOutages>) => {
  const [summary] = outageSummaries({ ...outage, faults: [{ fault: "node-off", runs: [run(1)], ...more }] });
  if (!summary) throw new Error("no summary");
  return summary;
};

describe("the summary of outages", () => {
  it("puts the longest outage first", () => {
    expect(outageSummaries(outage).map(({ fault }) => fault)).toEqual(["node-off", "nginx-crash"]);
  });

  it("has percentiles that are runs which happened", () => {
    const runs = Array.from({ length: 30 }, (_run, index) => run(index + 1));
    expect(summaryOf({ runs })).toMatchObject({ runs: 30, p50Sec: 15, p95Sec: 29, maxSec: 30 });
  });

  it("counts failed requests of the middle and of the worst run", () => {
    const runs = [9, 1, 4].map((failedRequests) => run(1, { failedRequests }));
    expect(summaryOf({ runs }).failed).toEqual({ median: 4, max: 9 });
  });

  it("says how often the address moved at least and at most", () => {
    expect(summaryOf({ runs: [run(1, { moves: 2 }), run(1, { moves: 1 })] }).moves).toEqual({ min: 1, max: 2 });
  });

  it("splits only those runs in which the address moved", () => {
    const parts = { detectionSec: 3, apiCallSec: 0.2, routingSec: 0.1 };
    expect(summaryOf({ runs: [run(0), run(3.3, parts), run(0)] }).parts).toEqual(parts);
  });

  it("has no parts when the address never moved", () => {
    expect(summaryOf({ runs: [run(0.2)] }).parts).toBeUndefined();
  });

  it("takes a goal as met when the p95 is exactly that long", () => {
    expect(goalIsMet({ p95Sec: 3.5, goalSec: 3.5 })).toBe(true);
    expect(goalIsMet({ p95Sec: 3.51, goalSec: 3.5 })).toBe(false);
  });
});
