import { isDeepStrictEqual, parseArgs } from "node:util";
import { OperatorError } from "../../../operator/errors.ts";
import { measuredMachine } from "../measured-machine.ts";
import { type OutageCase, outageCases } from "./cases.ts";
import { setConverging, slowestSettings } from "./cluster.ts";
import { endAfterThisRun, readRuns, runningLab } from "./command.ts";
import { measureOutage } from "./measure.ts";
import { Probing } from "./probing.ts";
import type { FaultOutages, OutageReport, OutageRun, OutageSettings } from "./result.ts";
import { measurementsFile, readJson, saveJson } from "./saved.ts";
import type { ProxySettings } from "./settings.ts";
import { outageLine, outageTable } from "./table.ts";

/**
 * `npm run bench -- outage`: breaks the lab that is up, in every way that a client may notice, and measures for how long it does.
 *
 *     --runs 30        how often each fault
 *     --faults a,b     only these
 *     --save           writes docs/measurements/outage.json, after each run: one that is cut short keeps what it has
 *     --resume         goes on with what is saved, up to so many runs of each fault; others stay as they are
 *
 * Faults take turns, so that a machine that is busy for a while disturbs all of them alike. The first Ctrl-C ends it after the
 * run that is under way.
 */
export async function benchOutage(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const lab = runningLab();
  const settings = await slowestSettings(lab);
  const begun = options.resume ? resumable(settings) : [];
  const results = new Map(begun.map((outages) => [outages.fault, outages]));
  const finish = endAfterThisRun();
  const probing = await Probing.start(lab);
  try {
    for (let round = 1; round <= options.runs && !finish.aborted; round++) {
      for (const outageCase of options.cases) {
        const runs = results.get(outageCase.name)?.runs ?? [];
        if (runs.length >= round || finish.aborted) continue;
        const run = await measureOutage(lab, outageCase, settings, probing);
        console.error(`${round}/${options.runs} ${outageCase.name}: ${outageLine(run)}`);
        results.set(outageCase.name, faultOutages(outageCase, settings, [...runs, run]));
        if (options.save) save(settings, [...results.values()]);
      }
    }
  } finally {
    probing.stop();
    await setConverging(lab, true);
    console.log(outageTable([...results.values()]));
    const { cpuShare, lateMs } = probing;
    console.log(`prober: ${Math.round(100 * cpuShare)} % of a core, a request started ${lateMs} ms late at worst`);
  }
}

interface Options {
  readonly cases: readonly OutageCase[];
  readonly runs: number;
  readonly save: boolean;
  readonly resume: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "30" },
      faults: { type: "string" },
      save: { type: "boolean", default: false },
      resume: { type: "boolean", default: false },
    },
  });
  const known = outageCases.map(({ name }) => name);
  const named = values.faults?.split(",") ?? known;
  for (const name of named) {
    if (!known.includes(name))
      throw new OperatorError(`no fault '${name}' to measure`, { fix: `one of ${known.join(", ")}` });
  }
  const cases = outageCases.filter(({ name }) => named.includes(name));
  return { cases, runs: readRuns(values.runs), save: values.save || values.resume, resume: values.resume };
}

function faultOutages(
  { name, limitSec, goalSec }: OutageCase,
  settings: ProxySettings,
  runs: readonly OutageRun[],
): FaultOutages {
  const toMs = (sec: number | undefined) => sec && Math.round(sec * 1000) / 1000;
  return { fault: name, limitSec: toMs(limitSec?.(settings)), goalSec: toMs(goalSec?.(settings)), runs };
}

/** @returns what is saved, if it was measured with the same settings. */
function resumable(settings: ProxySettings): readonly FaultOutages[] {
  const report = readJson<OutageReport>(measurementsFile("outage.json"));
  if (report && !isDeepStrictEqual(report.settings, reported(settings))) {
    throw new OperatorError("what is saved was measured with other settings, so it cannot be resumed", {
      cause: `saved ${JSON.stringify(report.settings)}, now ${JSON.stringify(reported(settings))}`,
      fix: "leave out --resume to begin anew",
    });
  }
  return report?.faults ?? [];
}

function save(settings: ProxySettings, faults: readonly FaultOutages[]): void {
  const report: OutageReport = { machine: measuredMachine(), settings: reported(settings), faults };
  saveJson(measurementsFile("outage.json"), report);
}

const reported = ({ priority, ...settings }: ProxySettings): OutageSettings => settings;
