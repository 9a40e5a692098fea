/** Something that the lab can break on purpose. */
export interface LabFault {
  /** What the operator types. */
  readonly name: string;
  /** In one line. */
  readonly meaning: string;
  /** What it strikes. `node`: a proxy or a registry; `cluster`: no single node. */
  readonly strikes: "proxy" | "registry" | "node" | "cluster";
  /** Whether it lasts until it is healed. Otherwise it happens once, and the cluster recovers by itself. */
  readonly lasts: boolean;
  /**
   * Whether it strikes every such node if none is named.
   *
   * @default - one: the first registry, or the proxy that holds the service address.
   */
  readonly everywhere?: boolean;
}

/** With `idle-cut`, a connection that is silent for so many seconds is forgotten. */
export const forgottenAfterSec = 350;

/** What a t3.micro may send for long: its baseline bandwidth. */
export const slowMbitPerSec = 64;

/** What `cpu-starved` leaves of one processor, in percent. */
export const starvedPercent = 5;

const catalogue = [
  { name: "haproxy-crash", strikes: "proxy", lasts: false, meaning: "every process of HAProxy gets SIGKILL" },
  {
    name: "haproxy-hang",
    strikes: "proxy",
    lasts: true,
    meaning: "HAProxy is stopped by SIGSTOP: port open, no answers",
  },
  { name: "haproxy-stop", strikes: "proxy", lasts: true, meaning: "HAProxy is stopped, as by an operator" },
  { name: "nginx-crash", strikes: "proxy", lasts: false, meaning: "every process of nginx gets SIGKILL" },
  { name: "nginx-hang", strikes: "proxy", lasts: true, meaning: "nginx is stopped by SIGSTOP: ports open, no answers" },
  { name: "nginx-500", strikes: "proxy", lasts: true, meaning: "nginx answers 500 to everything, health checks too" },
  { name: "nginx-stop", strikes: "proxy", lasts: true, meaning: "nginx is stopped, as by an operator" },
  { name: "keepalived-stop", strikes: "proxy", lasts: true, meaning: "keepalived is stopped, and tells its peers" },
  { name: "keepalived-crash", strikes: "proxy", lasts: false, meaning: "keepalived gets SIGKILL" },
  { name: "keeper-crash", strikes: "proxy", lasts: false, meaning: "the EIP keeper gets SIGKILL" },
  {
    name: "node-pause",
    strikes: "node",
    lasts: true,
    meaning: "the machine freezes; when healed, it continues where it stopped",
  },
  { name: "node-off", strikes: "node", lasts: true, meaning: "the machine loses power" },
  {
    name: "zone-off",
    strikes: "proxy",
    lasts: true,
    meaning: "all machines of its zone lose power, and AWS's API is gone there",
  },
  { name: "node-reboot", strikes: "node", lasts: false, meaning: "the machine loses power and boots again at once" },
  {
    name: "cpu-starved",
    strikes: "node",
    lasts: true,
    meaning: `the machine has only ${starvedPercent} % of one processor`,
  },
  { name: "disk-full", strikes: "node", lasts: true, meaning: "the folders that its services write to are full" },
  {
    name: "clock-moved",
    strikes: "proxy",
    lasts: true,
    meaning: "the EIP keeper and converging see a clock that is an hour ahead",
  },
  {
    name: "vrrp-drop-one-way",
    strikes: "proxy",
    lasts: true,
    meaning: "the other proxies do not hear its VRRP; it hears theirs",
  },
  { name: "vrrp-drop", strikes: "proxy", lasts: true, meaning: "no VRRP between it and the other proxies" },
  {
    name: "vrrp-loss",
    strikes: "proxy",
    lasts: true,
    meaning: "40 % of VRRP between it and the other proxies is lost",
  },
  {
    name: "network-slow",
    strikes: "node",
    lasts: true,
    meaning: `it sends ${slowMbitPerSec} Mbit/s at most, as a t3.micro does for long`,
  },
  {
    name: "idle-cut",
    strikes: "node",
    lasts: true,
    everywhere: true,
    meaning: `its network forgets connections that are silent for ${forgottenAfterSec} s`,
  },
  { name: "api-unreachable", strikes: "proxy", lasts: true, meaning: "its packets to AWS's API are dropped" },
  { name: "api-slow", strikes: "proxy", lasts: true, meaning: "AWS's API takes 5 s for each of its calls" },
  {
    name: "api-throttled",
    strikes: "proxy",
    lasts: true,
    meaning: "AWS's API answers its calls with RequestLimitExceeded",
  },
  {
    name: "api-stale",
    strikes: "proxy",
    lasts: true,
    meaning: "for 10 s after the address moved, AWS's API tells it who had it before",
  },
  {
    name: "metadata-down",
    strikes: "node",
    lasts: true,
    meaning: "its packets to the instance metadata service are dropped",
  },
  { name: "s3-503", strikes: "node", lasts: true, everywhere: true, meaning: "S3 answers 503 SlowDown" },
  {
    name: "s3-slow",
    strikes: "node",
    lasts: true,
    everywhere: true,
    meaning: "S3 takes 2 requests a second and sends 256 KiB/s",
  },
  { name: "s3-cut", strikes: "node", lasts: true, everywhere: true, meaning: "packets to S3 are dropped" },
  {
    name: "registry-crash-in-patch",
    strikes: "registry",
    lasts: false,
    meaning: "the registry gets SIGKILL when half of an upload's PATCH has arrived",
  },
  {
    name: "registry-crash-in-put",
    strikes: "registry",
    lasts: false,
    meaning: "the registry gets SIGKILL while it finishes an upload",
  },
  {
    name: "deploy",
    strikes: "cluster",
    lasts: false,
    meaning: "the bundle is published again, and all nodes converge at once",
  },
] as const satisfies readonly LabFault[];

export type FaultName = (typeof catalogue)[number]["name"];

/** Every fault that the lab can inject. */
export const faults: readonly LabFault[] = catalogue;

/** A fault that was injected. */
export interface Injected {
  /** When it began: Unix time in milliseconds, measured as close to the act as possible. */
  readonly at: number;
}
