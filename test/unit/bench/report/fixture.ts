import type { OutageReport, OutageRun, VrrpReport, VrrpRow } from "../../../bench/outage/result.ts";
import type { ThroughputReport } from "../../../bench/throughput/result.ts";

const machine = { date: "2026-11-22", cores: 2, memoryGib: 23.5, cpu: "Some CPU", kernel: "6.1.0" };

export const run = (outageSec: number, more: Partial<OutageRun> = {}): OutageRun => ({
  outageSec,
  failedRequests: Math.round(outageSec * 50),
  requests: 500,
  slowestSec: 0.1,
  moves: 0,
  failedWhileHealing: 0,
  ...more,
});

const moved = { detectionSec: 3, apiCallSec: 0.1, routingSec: 0.05, moves: 1 };

export const outage: OutageReport = {
  machine,
  settings: {
    advertIntervalMs: 100,
    downAfterAdverts: 30,
    checkIntervalMs: 1000,
    checkTimeoutMs: 2000,
    checkFall: 2,
    reconcileIntervalMs: 5000,
  },
  faults: [
    { fault: "nginx-crash", goalSec: 0.5, runs: [run(0.1), run(0), run(0.8)] },
    { fault: "node-off", limitSec: 3.02, goalSec: 3.52, runs: [run(3.2, moved), run(3.1, moved), run(3.4, moved)] },
  ],
};

export const outageAsOnAws: OutageReport = {
  ...outage,
  asOnAws: 42,
  faults: [
    {
      ...{ fault: "node-off", limitSec: 3.02, goalSec: 11.52 },
      runs: [run(8.2, { ...moved, apiCallSec: 2.1, routingSec: 3.05 }), run(11.6, moved)],
    },
  ],
};

export const vrrpRow = (more: Partial<VrrpRow> = {}): VrrpRow => ({
  name: "100 ms x 30",
  advertIntervalMs: 100,
  downAfterAdverts: 30,
  checkIntervalMs: 1000,
  checkFall: 2,
  killedHost: { p50: 3.1, p95: 3.3, max: 3.4, runs: 10 },
  stalls: [
    { stallSec: 1, moves: 0, runs: 5 },
    { stallSec: 2, moves: 0, runs: 5 },
    { stallSec: 4, moves: 5, runs: 5 },
  ],
  loss: { percent: 40, lossSec: 20, moves: 0, runs: 5 },
  ...more,
});

export const vrrp: VrrpReport = {
  machine,
  rows: [vrrpRow(), vrrpRow({ name: "1 s x 3", advertIntervalMs: 1000, downAfterAdverts: 3 })],
};

export const throughput: ThroughputReport = {
  machine,
  blobMib: 16,
  rows: [
    { operation: "push", path: "chain", clients: 1, mibPerSec: 90, ratioToBare: 0.9 },
    { operation: "push", path: "bare", clients: 1, mibPerSec: 100, ratioToBare: 1 },
    { operation: "pull", path: "chain-hot", clients: 10, mibPerSec: 420, ratioToBare: 2.1, goal: 2 },
    { operation: "pull", path: "chain-cold", clients: 10, mibPerSec: 160, ratioToBare: 0.8, goal: 0.9 },
    { operation: "pull", path: "bare", clients: 10, mibPerSec: 200, ratioToBare: 1 },
  ],
  cpu: [
    { operation: "pull", path: "bare", hop: "client", cpuSecPerGb: 1 },
    { operation: "pull", path: "bare", hop: "registry", cpuSecPerGb: 2.25 },
  ],
  memory: [{ daemon: "nginx", node: "proxy-1", clients: 100, rssMib: 61.4 }],
};
