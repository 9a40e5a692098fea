import { setTimeout as sleep } from "node:timers/promises";
import type { Injected } from "../../../lab/faults/catalogue.ts";
import { healAws } from "../../../lab/faults/cloud.ts";
import { onMachine } from "../../../lab/faults/machine.ts";
import { inject } from "../../../lab/faults/strike.ts";
import { containerOf } from "../../../lab/machines.ts";
import type { LabNode, LabState } from "../../../lab/state.ts";
import {
  nginxFailureSec,
  nginxHangSec,
  noAnswersSec,
  type ProxySettings,
  silentDeathSec,
  skewSec,
} from "./settings.ts";

/** The roles of the nodes when a fault strikes. */
export interface Scene {
  readonly lab: LabState;
  /** The proxy that has the address. */
  readonly holder: LabNode;
  /** The proxy that gets it next. */
  readonly standby: LabNode;
  readonly registry: LabNode;
  readonly settings: ProxySettings;
}

/** A way to break the cluster that a client may notice. */
export interface OutageCase {
  readonly name: string;
  /** The latest time at which VRRP has a new master. @default - VRRP is not involved */
  limitSec?(settings: ProxySettings): number;
  /** 95 of 100 outages must not exceed this. @default - no goal */
  goalSec?(settings: ProxySettings): number;
  /** @returns the earliest time at which the outage can begin. */
  strike(scene: Scene): Promise<Injected>;
}

const killedHost = {
  limitSec: silentDeathSec,
  goalSec: (settings: ProxySettings) => silentDeathSec(settings) + 0.5,
};
const toldSec = () => 0.5;

const atHolder =
  (fault: string) =>
  ({ lab, holder }: Scene) =>
    inject(lab, fault, holder.name);

/** How long the new master cannot reach the API when it needs it: long enough for its retries to become rare. */
const apiAwaySec = 6;

export const outageCases: readonly OutageCase[] = [
  { name: "node-off", ...killedHost, strike: atHolder("node-off") },
  // Unlike that of a frozen host, its kernel still accepts connections, so HAProxy has to find out by its checks.
  { name: "node-pause", limitSec: silentDeathSec, strike: atHolder("node-pause") },
  { name: "haproxy-crash", goalSec: toldSec, strike: atHolder("haproxy-crash") },
  { name: "haproxy-stop", limitSec: skewSec, goalSec: toldSec, strike: atHolder("haproxy-stop") },
  { name: "haproxy-hang", limitSec: noAnswersSec, strike: atHolder("haproxy-hang") },
  { name: "nginx-crash", goalSec: toldSec, strike: atHolder("nginx-crash") },
  { name: "nginx-stop", limitSec: skewSec, goalSec: toldSec, strike: atHolder("nginx-stop") },
  { name: "nginx-hang", limitSec: nginxHangSec, strike: atHolder("nginx-hang") },
  { name: "nginx-500", limitSec: nginxFailureSec, strike: atHolder("nginx-500") },
  { name: "keepalived-stop", limitSec: skewSec, goalSec: toldSec, strike: atHolder("keepalived-stop") },
  { name: "keepalived-crash", limitSec: silentDeathSec, strike: atHolder("keepalived-crash") },
  {
    name: "node-off-standby",
    strike: ({ lab, standby }) => inject(lab, "node-off", standby.name),
  },
  {
    name: "node-off-registry",
    strike: ({ lab, registry }) => inject(lab, "node-off", registry.name),
  },
  {
    name: "node-off-api-unreachable",
    limitSec: silentDeathSec,
    // The keeper tries at least this often.
    goalSec: (settings) => silentDeathSec(settings) + apiAwaySec + settings.reconcileIntervalMs / 1000,
    async strike({ lab, holder, standby, settings }) {
      await inject(lab, "api-unreachable", standby.name);
      const injected = await inject(lab, "node-off", holder.name);
      await until(injected.at + 1000 * (silentDeathSec(settings) + apiAwaySec));
      await onMachine(containerOf(lab.name, "aws"), healAws);
      return injected;
    },
  },
  {
    // The keeper of the winner dies right before it is needed.
    name: "node-off-keeper-crash",
    limitSec: silentDeathSec,
    async strike({ lab, holder, standby, settings }) {
      const injected = await inject(lab, "node-off", holder.name);
      await until(injected.at + 1000 * (silentDeathSec(settings) - 0.5));
      await inject(lab, "keeper-crash", standby.name);
      return injected;
    },
  },
];

/** @param atMs - in ms since 1970 */
const until = (atMs: number) => sleep(atMs - Date.now());
