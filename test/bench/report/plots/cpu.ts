import type { ThroughputReport } from "../../throughput/result.ts";
import { inOrder, operationNames, pathNames } from "../throughput-names.ts";
import { type Colour, colours } from "./colours.ts";
import { stackedBars } from "./stacked-bars.ts";

/** In the order of the hops: cold colours for the client and the proxies, warm ones for S3. */
const palette: readonly Colour[] = [
  colours.grey,
  colours.blue,
  colours.teal,
  colours.purple,
  colours.amber,
  colours.orange,
  colours.red,
  colours.green,
];

/** CPU time per GB of each hop, by operation and path. */
export function cpuPlot({ cpu }: ThroughputReport): string {
  const hops = [...new Set(cpu.map(({ hop }) => hop))];
  const bars = new Map<string, Record<string, number>>();
  for (const { operation, path, hop, cpuSecPerGb } of inOrder(cpu)) {
    const name = `${operationNames[operation]}: ${pathNames[path]}`;
    bars.set(name, { ...bars.get(name), [hop]: cpuSecPerGb });
  }
  return stackedBars({
    title: "CPU time for each GB, by hop",
    subtitle: "Seconds of one core for each 10⁹ bytes transferred. Shorter is better.",
    unit: "CPU seconds per GB",
    parts: hops.map((name, index) => ({ name, colour: palette[index % palette.length] as Colour })),
    bars: [...bars].map(([name, lengths]) => ({ name, lengths })),
  });
}
