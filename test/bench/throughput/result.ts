import type { MeasuredMachine } from "../measured-machine.ts";

/** Pushes are one PUT with the whole blob, as containerd does it; chunked ones a PATCH and an empty PUT, as Docker does it. */
export type Operation = "pull" | "push" | "push-chunked";

/**
 * What is between client and S3. `bare`: one registry that serves TLS itself. `chain`: gateway, HAProxy, nginx and registry;
 * for pulls `cold` when the proxies have never seen the blob, `hot` when each was asked for it twice before, `redirect` when
 * clients are redirected to S3.
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
  /** Goal for ratioToBare. @default - no goal */
  readonly goal?: number;
}

/** CPU time of one hop for each GB (10^9 bytes) that passes through the path, over all rounds. */
export interface HopCpu {
  readonly operation: Operation;
  readonly path: Path;
  readonly hop: string;
  readonly cpuSecPerGb: number;
}

/** Peak memory of all processes of a daemon together, under this many clients. */
export interface DaemonMemory {
  readonly daemon: string;
  readonly node: string;
  readonly clients: number;
  /** Pages that processes share are counted once: their proportional set sizes, summed. */
  readonly rssMib: number;
}
