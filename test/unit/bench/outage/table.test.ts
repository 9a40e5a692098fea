import { describe, expect, it } from "vitest";
import type { OutageRun } from "../../../bench/outage/result.ts";
import { outageLine, outageTable } from "../../../bench/outage/table.ts";

const run: OutageRun = {
  outageSec: 3.05,
  failures: { ECONNREFUSED: 4, "no answer in time": 100 },
  failedRequests: 104,
  requests: 350,
  slowestSec: 1.02,
  detectionSec: 3.02,
  apiCallSec: 0.03,
  routingSec: 0.01,
  moves: 1,
  failedWhileHealing: 0,
};
const quiet: OutageRun = {
  outageSec: 0,
  failedRequests: 0,
  requests: 300,
  slowestSec: 0.02,
  moves: 0,
  failedWhileHealing: 0,
};

/** Cells of the row of a fault. */
const row = (table: string, fault: string) =>
  table
    .split("\n")
    .find((line) => line.includes(` ${fault} `))
    ?.split("│")
    .map((cell) => cell.trim())
    .filter((_cell, index, all) => index > 0 && index < all.length - 1);

describe("the table of outages", () => {
  it("says whether a goal was kept", () => {
    const runs = [run, { ...run, outageSec: 3.5 }];
    const kept = outageTable([{ fault: "node-off", limitSec: 3.02, goalSec: 3.52, runs }]);
    const missed = outageTable([{ fault: "node-off", limitSec: 3.02, goalSec: 3.4, runs }]);
    expect(row(kept, "node-off")?.slice(0, 7)).toEqual(["node-off", "2", "3.05", "3.50", "3.50", "3.02", "3.52 kept"]);
    expect(row(missed, "node-off")?.[6]).toBe("3.40 MISSED");
  });

  it("leaves the parts of a takeover empty where the address did not move", () => {
    expect(row(outageTable([{ fault: "nginx-crash", runs: [quiet] }]), "nginx-crash")).toEqual([
      ...["nginx-crash", "1", "0.00", "0.00", "0.00", "", "", "", "", "", "0 of 300", "0.02", "0", "0"],
    ]);
  });

  it("shows a range where the runs differ in their moves", () => {
    expect(row(outageTable([{ fault: "nginx-hang", runs: [quiet, run] }]), "nginx-hang")?.[12]).toBe("0 to 1");
  });

  it("says when an outage lasted until it was healed: it would have lasted longer", () => {
    const runs = [run, { ...run, outageSec: 20.1, endedByHealing: true }];
    expect(row(outageTable([{ fault: "nginx-500", runs }]), "nginx-500")?.[4]).toBe("20.10, until healed");
  });

  it("leaves out a fault that has no runs yet", () => {
    expect(outageTable([{ fault: "node-pause", runs: [] }])).not.toContain("node-pause");
  });
});

describe("the line of a run", () => {
  it("tells how the outage is made up", () => {
    expect(outageLine(run)).toBe(
      "3.05 s (detection + API + routing: 3.02 + 0.03 + 0.01), 104 of 350 requests failed (4 x ECONNREFUSED, 100 x no answer in time), 1 moves, slowest 1.02 s",
    );
  });

  it("tells what failed during the healing, if anything did", () => {
    expect(outageLine({ ...quiet, failedWhileHealing: 2 })).toBe(
      "0.00 s, 0 of 300 requests failed, 0 moves, slowest 0.02 s, 2 failed while healing",
    );
  });
});
