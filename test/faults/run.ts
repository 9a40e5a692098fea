import { randomInt } from "node:crypto";
import { relative } from "node:path";
import { Command, Option } from "commander";
import { exitCodes } from "../../cli/exit-codes.ts";
import { reportFailure } from "../../cli/run.ts";
import { OperatorError } from "../../common/errors.ts";
import { catchInterrupts } from "../../common/interrupt.ts";
import { loadConfig } from "../../config/load.ts";
import { faults } from "../../lab/faults/catalogue.ts";
import { readState } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { namesAmong, wholeNumber } from "../command-line.ts";
import { regressions } from "./regressions.ts";
import { formatOutcomes, formatVerdicts } from "./report.ts";
import { runTrial } from "./trial.ts";

const faultNames = faults.map(({ name }) => name);

/** `npm run faults`: breaks the running lab while clients use it, and checks that nothing was lost. */
const program = new Command("npm run faults --")
  .description(
    "break the running lab, one fault after the other, while clients push and pull; then check what must hold",
  )
  .option("-s, --seed <number>", "the same seed gives the same faults and images (default: a random one)", wholeNumber)
  .option("-m, --minutes <number>", "for how long, roughly", wholeNumber, 10)
  .option(
    "-o, --only <faults>",
    `only these, with commas between; of: ${faultNames.join(", ")}`,
    namesAmong("fault", faultNames),
  )
  .addOption(
    new Option("--regressions", "every trial that once failed, with its own seed").conflicts([
      "seed",
      "minutes",
      "only",
    ]),
  )
  .option("-c, --config <file>", "the cluster's config file", process.env.CLUSTER_CONFIG || "cluster.yml")
  .option("--json", "print the result as JSON; progress goes to standard error")
  .showHelpAfterError("(--help shows every option)")
  .exitOverride();

interface Options {
  readonly seed?: number;
  readonly minutes: number;
  readonly only?: readonly string[];
  readonly config: string;
  readonly regressions?: boolean;
  readonly json?: boolean;
}

catchInterrupts();
await reportFailure(async () => {
  const options = program.parse().opts<Options>();
  process.exitCode = options.regressions ? await runAgain(options) : await run(options);
}, "interrupted; all faults are healed");

async function runAgain(options: Options): Promise<number> {
  let worst: number = exitCodes.ok;
  for (const { broke, ...trial } of regressions) {
    console.error(`\nonce failed: ${broke}`);
    worst = Math.max(worst, await run({ ...options, ...trial }));
  }
  return worst;
}

async function run({ seed = randomInt(1, 1_000_000), minutes, only, config: path, json }: Options): Promise<number> {
  const config = loadConfig(path);
  const lab = await wholeLab(config.name);
  console.error(`seed ${seed}, ${minutes} minutes`);
  const result = await runTrial({ lab, config, seed, minutes, only, onProgress: (text) => console.error(text) });
  if (json) console.log(JSON.stringify(result, undefined, 2));
  else console.log(`\n${formatOutcomes(result.outcomes)}\n\n${formatVerdicts(result.verdicts)}\n`);
  const kept = relative(process.cwd(), result.folder);
  console.error(
    result.passed
      ? `passed; seed ${seed}; history in ${kept}`
      : `failed; history and logs of all nodes in ${kept}\nagain: npm run faults -- --seed ${seed} --minutes ${minutes}${only ? ` --only ${only.join()}` : ""}`,
  );
  return result.passed ? exitCodes.ok : exitCodes.failed;
}

/** A trial of a broken lab would prove nothing. */
async function wholeLab(name: string) {
  const lab = readState(name);
  const { up } = await statusOf(name);
  if (!lab || lab.nodes.length === 0) throw new OperatorError(`the lab '${name}' is not up`, { fix: "npm start" });
  if (!up)
    throw new OperatorError(`the lab '${name}' is not whole`, {
      fix: "npx registry-cluster lab heal, then npx registry-cluster lab status",
    });
  return lab;
}
