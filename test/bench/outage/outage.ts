import { isDeepStrictEqual } from "node:util";
import { OperatorError } from "../../../common/errors.ts";
import type { LabState } from "../../../lab/state.ts";
import { measuredMachine } from "../measured-machine.ts";
import { type OutageCase, outageCases } from "./cases.ts";
import { setConverging, slowestSettings } from "./cluster.ts";
import { endAfterThisRun, runningLab } from "./command.ts";
import { measureOutage } from "./measure.ts";
import { Probing } from "./probing.ts";
import type { FaultOutages, OutageReport, OutageRun, OutageSettings } from "./result.ts";
import { measurementsFile, readJson, saveJson } from "./saved.ts";
import type { ProxySettings } from "./settings.ts";
import { outageLine, outageTable } from "./table.ts";

export interface OutageOptions {
  /** Runs per fault. */
  readonly runs: number;
  /** Names of {@link outageCases}. @default - all */
  readonly faults?: readonly string[];
  /**
   * Writes the results after each run, so that an interrupted bench keeps them: to docs/measurements/outage.json, or to
   * outage-as-on-aws.json if the lab has AWS's delays.
   */
  readonly save?: boolean;
  /** Continues with the saved results, up to this many runs of each fault, and saves them; other faults stay as they are. */
  readonly resume?: boolean;
}

/**
 * Breaks the running lab in every way that a client may notice, and measures how long a client notices. Faults take turns, so that a
 * machine that is busy for a while disturbs all of them alike. The first Ctrl-C ends it after the current run.
 */
export async function benchOutage(options: OutageOptions): Promise<void> {
  const cases = outageCases.filter(({ name }) => options.faults?.includes(name) ?? true);
  const lab = runningLab();
  const settings = await slowestSettings(lab);
  const delays = movingSec(lab);
  const begun = options.resume ? resumable(lab, settings) : [];
  const results = new Map(begun.map((outages) => [outages.fault, outages]));
  const finish = endAfterThisRun();
  const probing = await Probing.start(lab);
  try {
    for (let round = 1; round <= options.runs && !finish.aborted; round++) {
      for (const outageCase of cases) {
        const runs = results.get(outageCase.name)?.runs ?? [];
        if (runs.length >= round || finish.aborted) continue;
        const run = await measureOutage(lab, outageCase, settings, probing);
        console.error(`${round}/${options.runs} ${outageCase.name}: ${outageLine(run)}`);
        results.set(outageCase.name, faultOutages(outageCase, settings, delays, [...runs, run]));
        if (options.save || options.resume) save(lab, settings, [...results.values()]);
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

function faultOutages(
  { name, limitSec, goalSec }: OutageCase,
  settings: ProxySettings,
  delaySec: number,
  runs: readonly OutageRun[],
): FaultOutages {
  const toMs = (sec: number | undefined) => sec && Math.round(sec * 1000) / 1000;
  const limit = limitSec?.(settings);
  const goal = goalSec?.(settings);
  // Only faults that involve VRRP move the address.
  const delayed = goal !== undefined && limit !== undefined ? goal + delaySec : goal;
  return { fault: name, limitSec: toMs(limit), goalSec: toMs(delayed), runs };
}

/** The longest that moving an address takes in this lab: AssociateAddress, then the route. See `lab/cloud/pace.py`. */
const movingSec = ({ asOnAws }: LabState) => (asOnAws === undefined ? 0 : 3 + 5);

const fileOf = ({ asOnAws }: LabState) =>
  measurementsFile(asOnAws === undefined ? "outage.json" : "outage-as-on-aws.json");

/** @returns the saved results, if they were measured with the same settings. */
function resumable(lab: LabState, settings: ProxySettings): readonly FaultOutages[] {
  const report = readJson<OutageReport>(fileOf(lab));
  if (report && !isDeepStrictEqual(report.settings, reported(settings))) {
    throw new OperatorError("the saved results were measured with other settings, so they cannot be resumed", {
      cause: `saved ${JSON.stringify(report.settings)}, now ${JSON.stringify(reported(settings))}`,
      fix: "leave out --resume to start over",
    });
  }
  return report?.faults ?? [];
}

function save(lab: LabState, settings: ProxySettings, faults: readonly FaultOutages[]): void {
  const { asOnAws } = lab;
  const report: OutageReport = { machine: measuredMachine(), asOnAws, settings: reported(settings), faults };
  saveJson(fileOf(lab), report);
}

const reported = ({ priority, ...settings }: ProxySettings): OutageSettings => settings;
