import Table from "cli-table3";
import { benchConverge } from "./converge.ts";
import { benchStart } from "./start.ts";
import { benchSynth } from "./synth.ts";
import type { Comparison } from "./timing.ts";

/** `npm run bench`: all, or those named, such as `npm run bench -- synth`. */
const benches: Readonly<Record<string, () => Promise<Comparison>>> = {
  synth: benchSynth,
  start: benchStart,
  converge: benchConverge,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`no bench '${unknown.join("', '")}': one of ${Object.keys(benches).join(", ")}`);
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
