import type { MeasuredMachine } from "../measured-machine.ts";

/** Pushes are one PUT with the whole blob, as containerd does it; chunked ones a PATCH and an empty PUT, as Docker does it. */
export type Operation = "pull" | "push" | "push-chunked";

/**
 * What stands between client and S3. `bare`: one registry that serves TLS itself. `chain`: gateway, HAProxy, nginx and registry;
 * for pulls `cold` when the proxies have never seen the blob, `hot` when each was asked for it twice before, `redirect` when
 * clients are sent to S3.
 */
export type Path = "bare" | "chain" | "chain-cold" | "chain-hot" | "chain-redirect";

/** Contents of docs/measurements/throughput.json. */
export interface ThroughputReport {
  readonly machine: MeasuredMachine;
  readonly blobMib: number;
  readonly rows: readonly ThroughputRow[];
  readonly cpu: readonly HopCpu[];
  readonly memory: readonly DaemonMemory[];
}

export interface ThroughputRow {
  readonly operation: Operation;
  readonly path: Path;
  readonly clients: number;
  /** Median of the rounds. */
  readonly mibPerSec: number;
  /** Median of the ratios, round by round, to the bare registry in the same round. */
  readonly ratioToBare: number;
  /** What ratioToBare is to reach. @default - none was set */
  readonly goal?: number;
}

/** CPU time that one hop of a path takes for a GB (10^9 bytes) that passes through the path, over all rounds. */
export interface HopCpu {
  readonly operation: Operation;
  readonly path: Path;
  readonly hop: string;
  readonly cpuSecPerGb: number;
}

/** Most memory that all processes of a daemon together had at once under this many clients. */
export interface DaemonMemory {
  readonly daemon: string;
  readonly node: string;
  readonly clients: number;
  /** Pages that processes share are counted once: their proportional set sizes, summed. */
  readonly rssMib: number;
}
