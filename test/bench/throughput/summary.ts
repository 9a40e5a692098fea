import { median } from "../timing.ts";
import type { HopCpu, Operation, Path, ThroughputRow } from "./result.ts";

/** One measured operation of all clients. */
export interface Sample {
  readonly operation: Operation;
  readonly path: Path;
  readonly clients: number;
  /** Samples of the same round were taken one after the other, and are compared with each other. */
  readonly round: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSecByHop: Readonly<Record<string, number>>;
}

const bytesPerMib = 1024 ** 2;
const bytesPerGb = 1e9;

/** Goals for the ratio to the bare registry. */
const goals: Readonly<Record<string, number>> = { "pull chain-cold": 0.9, "pull chain-hot": 2 };

/** One row for each operation, path and number of clients, in the order of their first samples. */
export function rowsOf(samples: readonly Sample[]): ThroughputRow[] {
  return grouped(samples, ({ operation, path, clients }) => `${operation} ${path} ${clients}`).map((group) => {
    const { operation, path, clients } = group[0] as Sample;
    const goal = goals[`${operation} ${path}`];
    return {
      operation,
      path,
      clients,
      mibPerSec: median(group.map(mibPerSec)),
      ratioToBare: median(group.map((sample) => mibPerSec(sample) / mibPerSec(bareOf(sample, samples)))),
      ...(goal !== undefined && { goal }),
    };
  });
}

/** CPU time of each hop over all rounds and numbers of clients. */
export function cpuOf(samples: readonly Sample[]): HopCpu[] {
  return grouped(samples, ({ operation, path }) => `${operation} ${path}`).flatMap((group) => {
    const { operation, path } = group[0] as Sample;
    const gb = sum(group.map(({ bytes }) => bytes)) / bytesPerGb;
    const hops = [...new Set(group.flatMap(({ cpuSecByHop }) => Object.keys(cpuSecByHop)))];
    return hops.map((hop) => ({
      operation,
      path,
      hop,
      cpuSecPerGb: sum(group.map(({ cpuSecByHop }) => cpuSecByHop[hop] ?? 0)) / gb,
    }));
  });
}

export const mibPerSec = ({ bytes, seconds }: Sample) => bytes / bytesPerMib / seconds;

function bareOf({ operation, clients, round }: Sample, samples: readonly Sample[]): Sample {
  const found = samples.find(
    (sample) =>
      sample.path === "bare" && sample.operation === operation && sample.clients === clients && sample.round === round,
  );
  if (!found) throw new Error(`no bare ${operation} of ${clients} clients in round ${round} to compare with`);
  return found;
}

function grouped(samples: readonly Sample[], keyOf: (sample: Sample) => string): Sample[][] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) groups.set(keyOf(sample), [...(groups.get(keyOf(sample)) ?? []), sample]);
  return [...groups.values()];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
