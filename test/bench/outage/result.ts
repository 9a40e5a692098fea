import type { MeasuredMachine } from "../measured-machine.ts";

/** Content of docs/measurements/outage.json. */
export interface OutageReport {
  readonly machine: MeasuredMachine;
  readonly settings: OutageSettings;
  readonly faults: readonly FaultOutages[];
}

/** What decides how long an outage may take, as the cluster was configured when it was measured. */
export interface OutageSettings {
  readonly advertIntervalMs: number;
  readonly downAfterAdverts: number;
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly checkFall: number;
  readonly reconcileIntervalMs: number;
}

export interface FaultOutages {
  /** As in the lab's catalogue, with what else was done: `node-off`, `node-off standby`, `node-off + api-unreachable`. */
  readonly fault: string;
  /**
   * What VRRP alone promises: adverts and skew for a silent death, the skew for one that is told.
   *
   * @default - VRRP has no part in it
   */
  readonly limitSec?: number;
  /** What 95 of 100 outages shall not exceed. @default - no goal is set */
  readonly goalSec?: number;
  readonly runs: readonly OutageRun[];
}

/** One fault, as a client saw it. All times are of one clock. */
export interface OutageRun {
  /** From the start of the first request that failed to the first good answer after the last that did; 0 if none failed. */
  readonly outageSec: number;
  /** It went on until the fault was healed: it would have lasted longer. @default false */
  readonly endedByHealing?: boolean;
  /** Requests without a good answer in time, from the fault until it was healed. */
  readonly failedRequests: number;
  /** How many of them for which reason: `HTTP/1.1 502`, `ECONNRESET`, `no answer in time`, ... @default - none failed */
  readonly failures?: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Longest wait for a good answer: some do not fail, but hang for a while. */
  readonly slowestSec: number;
  /** From the fault to the new master. @default - the address did not move */
  readonly detectionSec?: number;
  /** From the new master to the answer of AssociateAddress. @default - the address did not move */
  readonly apiCallSec?: number;
  /** From that answer to the first good answer at a client that asked after it. @default - the address did not move */
  readonly routingSec?: number;
  /** How often the address went to another proxy, until the cluster was whole again. */
  readonly moves: number;
  /** Requests that failed later, while the fault was healed and the cluster became whole again. */
  readonly failedWhileHealing: number;
}

/** Content of docs/measurements/vrrp.json: what settings of VRRP cost and buy. */
export interface VrrpReport {
  readonly machine: MeasuredMachine;
  readonly rows: readonly VrrpRow[];
}

export interface VrrpRow {
  /** Such as `100 ms x 30`. */
  readonly name: string;
  readonly advertIntervalMs: number;
  readonly downAfterAdverts: number;
  readonly checkIntervalMs: number;
  readonly checkFall: number;
  /** Outage in seconds, when the holder loses power. */
  readonly killedHost: { readonly p50: number; readonly p95: number; readonly max: number; readonly runs: number };
  /** Stalls of the holder, after which it goes on: each move was needless. */
  readonly stalls: readonly { readonly stallSec: number; readonly moves: number; readonly runs: number }[];
  /** A time in which part of the adverts between the proxies is lost: here too, each move was needless. */
  readonly loss: { readonly percent: number; readonly lossSec: number; readonly moves: number; readonly runs: number };
}
