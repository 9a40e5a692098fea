import type { FaultName } from "../../lab/faults/catalogue.ts";
import type { Aim } from "./history.ts";

/** What may happen while a fault lasts. For all faults, nothing may be lost and no byte may be wrong. */
export interface Expectation {
  /**
   * How often the address may move, from the fault until the next one, by the node that it strikes.
   *
   * @default - never
   */
  readonly moves?: Partial<Record<Aim, number>>;
  /**
   * Whether requests succeed while the fault lasts, once the cluster has had time to react.
   *
   * @default true
   */
  readonly serves?: boolean;
  /** Why that is acceptable, if it is not ideal. */
  readonly because?: string;
}

const once = { holder: 1 };
const bothMasters =
  "both proxies are master, and the one that noticed last has the address: it yields when the split ends, if its priority is lower";
const noStorage =
  "all images are in S3: without it a registry cannot tell where a blob is, and a proxy cannot fetch it";

export const expectations: Readonly<Record<FaultName, Expectation>> = {
  "haproxy-crash": { moves: once },
  "haproxy-hang": { moves: once },
  "haproxy-stop": { moves: once },
  "nginx-crash": { moves: once },
  "nginx-hang": { moves: once },
  "nginx-500": { moves: once },
  "nginx-stop": { moves: once },
  "keepalived-stop": { moves: once },
  "keepalived-crash": { moves: once },
  "keeper-crash": {},
  "node-pause": {
    moves: { holder: 2, backup: 2 },
    because:
      "a proxy that wakes up believes for an instant what it believed before: as a stale master, or as a backup that has heard nothing for long, it takes the address once more",
  },
  "node-off": { moves: once },
  "zone-off": { moves: once },
  "node-reboot": { moves: once },
  "cpu-starved": {
    moves: once,
    because: "an nginx that is only busy looks like a hung one after 11 s without an answer",
  },
  "disk-full": {},
  "clock-moved": {},
  "vrrp-drop-one-way": { moves: { holder: 2, backup: 2 }, because: bothMasters },
  "vrrp-drop": { moves: { holder: 2, backup: 2 }, because: bothMasters },
  "vrrp-loss": {},
  "network-slow": {},
  "idle-cut": {},
  "api-unreachable": {},
  "api-slow": {},
  "api-throttled": {},
  "api-stale": {},
  "metadata-down": {},
  "s3-503": { serves: false, because: noStorage },
  "s3-slow": { serves: false, because: noStorage },
  "s3-cut": { serves: false, because: noStorage },
  "registry-crash-in-patch": {},
  "registry-crash-in-put": {},
  deploy: {},
};

/** How often the address may move after a fault. */
export const movesAllowed = (fault: FaultName, aim: Aim | undefined): number =>
  aim === undefined ? 0 : (expectations[fault].moves?.[aim] ?? 0);
