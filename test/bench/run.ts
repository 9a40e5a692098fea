import Table from "cli-table3";
import { reportOf } from "../../cli/report.ts";
import { interrupted } from "../../operator/interrupt.ts";
import { benchConverge } from "./converge.ts";
import { benchImage } from "./image.ts";
import { benchOutage } from "./outage/outage.ts";
import { benchVrrp } from "./outage/vrrp.ts";
import { benchStart } from "./start.ts";
import { benchSynth } from "./synth.ts";
import { benchThroughput } from "./throughput/throughput.ts";
import type { Comparison } from "./timing.ts";

/** `npm run bench`: all, or those named, such as `npm run bench -- synth`. */
const benches: Readonly<Record<string, () => Promise<Comparison>>> = {
  synth: benchSynth,
  start: benchStart,
  converge: benchConverge,
  image: benchImage,
};

/**
 * These take long, or measure nothing, so they run only when named, and have options of their own:
 * `npm run bench -- outage --runs 3`.
 */
const longBenches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  outage: benchOutage,
  vrrp: benchVrrp,
  throughput: benchThroughput,
  report: async () => (await import("./report/report.ts")).writeReport(),
};
const [first = "", ...options] = process.argv.slice(2);
const longBench = longBenches[first];
if (longBench) {
  await longBench(options).catch((error: unknown) => {
    console.error(interrupted.aborted ? "interrupted" : reportOf(error).text);
    process.exitCode = 1;
  });
  process.exit();
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`no bench '${unknown.join("', '")}': one of ${Object.keys({ ...benches, ...longBenches }).join(", ")}`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue;
  print(await bench());
}

function print({ title, rows, ratio }: Comparison): void {
  const table = new Table({ head: [title, "median s", "min s", "max s"], style: { head: [], border: [] } });
  for (const { name, medianSec, minSec, maxSec } of rows) {
    table.push([name, medianSec.toFixed(2), minSec.toFixed(2), maxSec.toFixed(2)]);
  }
  console.log(`${table.toString()}\nratio (median of pairs): ${ratio.toFixed(2)}\n`);
}
