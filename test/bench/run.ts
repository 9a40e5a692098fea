import Table from "cli-table3";
import { Argument, Command } from "commander";
import { reportFailure } from "../../cli/run.ts";
import { namesAmong, wholeNumber } from "../command-line.ts";
import { benchBuilds, buildersOfBench } from "./builds.ts";
import { benchConverge } from "./converge.ts";
import { benchImage } from "./image.ts";
import { outageCases } from "./outage/cases.ts";
import { benchOutage } from "./outage/outage.ts";
import { benchVrrp } from "./outage/vrrp.ts";
import { benchRanges } from "./ranges.ts";
import { benchStart } from "./start.ts";
import { benchSynth } from "./synth.ts";
import { benchThroughput } from "./throughput/throughput.ts";
import type { Comparison } from "./timing.ts";

/** Each against a baseline in the same run. */
const comparisons: Readonly<Record<string, () => Promise<Comparison>>> = {
  synth: benchSynth,
  start: benchStart,
  converge: benchConverge,
  image: benchImage,
  ranges: benchRanges,
};
const faultNames = outageCases.map(({ name }) => name);

const program = new Command("npm run bench --")
  .description("measure this project on this machine, each time compared to something known")
  .showHelpAfterError("(--help shows every bench)")
  .exitOverride();

program
  .command("compare", { isDefault: true })
  .description("time what users wait for, as a ratio to a baseline in the same run (the default)")
  .addArgument(
    new Argument("[names...]", "only these").choices(Object.keys(comparisons)).default([], "all of them, one by one"),
  )
  .action(async (names: readonly string[]) => {
    for (const [name, bench] of Object.entries(comparisons)) {
      if (names.length === 0 || names.includes(name)) print(await bench());
    }
  });

program
  .command("outage")
  .description("break the running lab in every way that clients may notice, and measure how long they notice")
  .option("-r, --runs <number>", "runs per fault", wholeNumber, 30)
  .option(
    "-f, --faults <names>",
    `only these, with commas between; of: ${faultNames.join(", ")}`,
    namesAmong("fault", faultNames),
  )
  .option(
    "--save",
    "write docs/measurements/outage.json, or outage-as-on-aws.json, after each run: an interrupted bench keeps its results",
  )
  .option("--resume", "continue with the saved results, up to this many runs of each fault; others stay as they are")
  .action(benchOutage);

program
  .command("vrrp")
  .description("kill and pause the holder of the address and lose its adverts, with one VRRP setting after the other")
  .option("-r, --runs <number>", "runs of each, per setting", wholeNumber, 5)
  .option("--save", "write docs/measurements/vrrp.json after each setting")
  .action(benchVrrp);

program
  .command("throughput")
  .description(
    "pull and push through the lab's whole chain, against one registry without proxies on the same S3 server",
  )
  .option("--save", "write docs/measurements/throughput.json")
  .action(benchThroughput);

program
  .command("builds")
  .description("build commits of several repositories at the same time: none may fail, and each has one digest")
  .option("-c, --count <number>", "how many builds with each builder", wholeNumber, 200)
  .option("--at-once <number>", "how many of them at the same time (default: all)", wholeNumber)
  .option(
    "--builders <names>",
    `only these, with commas between; of: ${buildersOfBench.join(", ")}`,
    namesAmong("builder", buildersOfBench),
    [...buildersOfBench],
  )
  .action(benchBuilds);

program
  .command("report")
  .description("write docs/measurements.md and its plots from the saved results; measures nothing")
  .action(async () => (await import("./report/report.ts")).writeReport());

// Each bench handles Ctrl-C in its own way.
await reportFailure(() => program.parseAsync());
process.exit();

function print({ title, rows, ratio }: Comparison): void {
  const table = new Table({ head: [title, "median s", "min s", "max s"], style: { head: [], border: [] } });
  for (const { name, medianSec, minSec, maxSec } of rows) {
    table.push([name, medianSec.toFixed(2), minSec.toFixed(2), maxSec.toFixed(2)]);
  }
  console.log(`${table.toString()}\nratio (median of pairs): ${ratio.toFixed(2)}\n`);
}
