import type { MeasuredMachine } from "../measured-machine.ts";

/** Content of docs/measurements/outage.json, and of outage-as-on-aws.json. */
export interface OutageReport {
  readonly machine: MeasuredMachine;
  /** Seed of the delays of the lab's AWS. @default - it is immediate */
  readonly asOnAws?: number;
  readonly settings: OutageSettings;
  readonly faults: readonly FaultOutages[];
}

/** The settings that decide how long an outage may take, at the time of the measurement. */
export interface OutageSettings {
  readonly advertIntervalMs: number;
  readonly downAfterAdverts: number;
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly checkFall: number;
  readonly reconcileIntervalMs: number;
}

export interface FaultOutages {
  /** As in the lab's catalogue, with anything else that was done: `node-off`, `node-off standby`, `node-off + api-unreachable`. */
  readonly fault: string;
  /**
   * The limit from VRRP alone: adverts and skew for a silent death, the skew for an announced one.
   *
   * @default - VRRP is not involved
   */
  readonly limitSec?: number;
  /** 95 of 100 outages must not exceed this. @default - no goal */
  readonly goalSec?: number;
  readonly runs: readonly OutageRun[];
}

/** One fault, as a client saw it. All times are from one clock. */
export interface OutageRun {
  /** From the start of the first request that failed to the first good answer after the last that did; 0 if none failed. */
  readonly outageSec: number;
  /** Whether it lasted until the fault was healed, and would have lasted longer. @default false */
  readonly endedByHealing?: boolean;
  /** Requests without a good answer in time, from the fault until it was healed. */
  readonly failedRequests: number;
  /** Number of failures by reason: `HTTP/1.1 502`, `ECONNRESET`, `no answer in time`, ... @default - none failed */
  readonly failures?: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Longest wait for a good answer: some requests do not fail, but hang for a while. */
  readonly slowestSec: number;
  /** From the fault to the new master. @default - the address did not move */
  readonly detectionSec?: number;
  /** From the new master to the answer of AssociateAddress. @default - the address did not move */
  readonly apiCallSec?: number;
  /** From that answer to the first good answer for a client that asked after it. @default - the address did not move */
  readonly routingSec?: number;
  /** How often the address moved to another proxy, until the cluster had recovered. */
  readonly moves: number;
  /** Requests that failed later, while the fault was healed and the cluster recovered. */
  readonly failedWhileHealing: number;
}

/** Content of docs/measurements/vrrp.json: the trade-offs of VRRP settings. */
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
  /** Stalls of the holder, after which it continues: each move was needless. */
  readonly stalls: readonly { readonly stallSec: number; readonly moves: number; readonly runs: number }[];
  /** A period in which some adverts between the proxies are lost: here too, each move was needless. */
  readonly loss: { readonly percent: number; readonly lossSec: number; readonly moves: number; readonly runs: number };
}
