/** Two ways measured in turns, so that a slowdown of the machine affects both. */
export interface Comparison {
  readonly title: string;
  readonly rows: readonly {
    readonly name: string;
    readonly medianSec: number;
    readonly minSec: number;
    readonly maxSec: number;
  }[];
  /** Median of the ratios, pair by pair. */
  readonly ratio: number;
}

export interface Way {
  readonly name: string;
  /** Preparation before each run, which is not measured. @default - nothing */
  before?(): Promise<unknown>;
  run(): Promise<unknown>;
}

/** Runs both ways once to warm up, then `rounds` times in turns. */
export async function compare(title: string, way: Way, baseline: Way, rounds: number): Promise<Comparison> {
  const seconds: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const pair = [await timed(way), await timed(baseline)] as const;
    if (round === 0) continue;
    seconds[0].push(pair[0]);
    seconds[1].push(pair[1]);
  }
  const ratios = seconds[0].map((value, index) => value / (seconds[1][index] as number));
  return { title, rows: [row(way.name, seconds[0]), row(baseline.name, seconds[1])], ratio: median(ratios) };
}

export async function timed(way: Way): Promise<number> {
  await way.before?.();
  const start = performance.now();
  await way.run();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function row(name: string, seconds: readonly number[]) {
  return { name, medianSec: median(seconds), minSec: Math.min(...seconds), maxSec: Math.max(...seconds) };
}
