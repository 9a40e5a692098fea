import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { OperatorError } from "../../../common/errors.ts";
import { uninterrupted } from "../../../common/program.ts";
import { heal } from "../../../lab/faults/heal.ts";
import { inject } from "../../../lab/faults/strike.ts";
import type { LabNode, LabState } from "../../../lab/state.ts";
import { docker } from "../../../machines/docker/docker.ts";
import { measuredMachine } from "../measured-machine.ts";
import { percentile } from "../percentile.ts";
import { outageCases } from "./cases.ts";
import { holderOf, movesSince, setConverging, slowestSettings, untilWhole } from "./cluster.ts";
import { endAfterThisRun, runningLab } from "./command.ts";
import { measureOutage } from "./measure.ts";
import { Probing } from "./probing.ts";
import type { VrrpReport, VrrpRow } from "./result.ts";
import { measurementsFile, saveJson } from "./saved.ts";
import { KeepalivedConfigs, type Variant } from "./variant.ts";

const variants: readonly Variant[] = [
  // keepalived's own default.
  { advertIntervalMs: 1000, downAfterAdverts: 3 },
  { advertIntervalMs: 200, downAfterAdverts: 3 },
  { advertIntervalMs: 100, downAfterAdverts: 3 },
  { advertIntervalMs: 100, downAfterAdverts: 10 },
  { advertIntervalMs: 100, downAfterAdverts: 30 },
];
const stallsSec = [0.5, 1, 2, 2.5];
/** What the lab's fault vrrp-loss does, and for how long. */
const loss = { percent: 40, lossSec: 20 };

/** Pause after each disturbance: then the proxies have heard each other, and the keepers have checked the address. */
const afterTroubleMs = 6_000;

export interface VrrpOptions {
  /** How often to kill the holder, to stall it for each duration, and to lose its adverts. */
  readonly runs: number;
  /** Writes docs/measurements/vrrp.json after each setting. */
  readonly save?: boolean;
}

/**
 * Measures the trade-offs of VRRP settings. A dead host should be noticed soon; one that stalls for a while, as small cloud machines
 * do, or that loses some adverts, should keep the address. Both proxies get each setting in turn, and their own at the end.
 */
export async function benchVrrp({ runs, save }: VrrpOptions): Promise<void> {
  const lab = runningLab();
  const rows: VrrpRow[] = [];
  const finish = endAfterThisRun();
  await untilWhole(lab);
  const configs = await KeepalivedConfigs.read(lab);
  const probing = await Probing.start(lab);
  try {
    for (const variant of variants) {
      rows.push(await measureVariant(lab, variant, { configs, probing, runs, finish }));
      if (save) saveJson(measurementsFile("vrrp.json"), { machine: measuredMachine(), rows } satisfies VrrpReport);
    }
  } catch (error) {
    if (error !== finish.reason) throw error;
  } finally {
    probing.stop();
    await configs.restore();
    await setConverging(lab, true);
    console.log(vrrpTable(rows));
  }
}

interface Bench {
  readonly configs: KeepalivedConfigs;
  readonly probing: Probing;
  readonly runs: number;
  readonly finish: AbortSignal;
}

/** @throws if the bench is interrupted: a row is complete or does not exist. */
async function measureVariant(
  lab: LabState,
  variant: Variant,
  { configs, probing, runs, finish }: Bench,
): Promise<VrrpRow> {
  const name = `${variant.advertIntervalMs} ms x ${variant.downAfterAdverts}`;
  const times = async <T>(what: () => Promise<T>): Promise<T[]> => {
    const results: T[] = [];
    while (results.length < runs) {
      finish.throwIfAborted();
      await configs.apply(variant);
      results.push(await what());
    }
    return results;
  };

  const outages = await times(async () => {
    const { outageSec } = await measureOutage(lab, killedHost, await slowestSettings(lab), probing);
    console.error(`${name}: killed host, outage of ${outageSec.toFixed(2)} s`);
    return outageSec;
  });
  const stalls: VrrpRow["stalls"][number][] = [];
  for (const stallSec of stallsSec) {
    const moves = await times(() => needlessMoves(lab, (holder) => stall(holder, stallSec)));
    console.error(`${name}: stalled for ${stallSec} s, ${moves.join(" + ")} moves`);
    stalls.push({ stallSec, moves: sum(moves), runs });
  }
  const lost = await times(() => needlessMoves(lab, () => loseAdverts(lab)));
  console.error(`${name}: ${loss.percent} % of the adverts lost for ${loss.lossSec} s, ${lost.join(" + ")} moves`);

  const { checkIntervalMs, checkFall } = await slowestSettings(lab);
  return {
    ...{ name, ...variant, checkIntervalMs, checkFall },
    killedHost: { p50: percentile(outages, 50), p95: percentile(outages, 95), max: Math.max(...outages), runs },
    stalls,
    loss: { ...loss, moves: sum(lost), runs },
  };
}

const killedHost = outageCases.find(({ name }) => name === "node-off")!;
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Makes a disturbance that should not move the address. @returns how often it moved. */
async function needlessMoves(lab: LabState, makeTrouble: (holder: LabNode) => Promise<void>): Promise<number> {
  await untilWhole(lab);
  const holder = await holderOf(lab);
  if (!holder) throw new OperatorError("no proxy has the address", { fix: "npm start" });
  const begunMs = Date.now();
  await makeTrouble(holder);
  await sleep(afterTroubleMs);
  await untilWhole(lab);
  return (await movesSince(lab, holder.name, begunMs)).length;
}

/** Pauses a machine for a while. */
async function stall({ container }: LabNode, stallSec: number): Promise<void> {
  await docker(["pause", container]);
  try {
    await sleep(stallSec * 1000);
  } finally {
    await docker(["unpause", container], uninterrupted);
  }
}

async function loseAdverts(lab: LabState): Promise<void> {
  try {
    await inject(lab, "vrrp-loss");
    await sleep(loss.lossSec * 1000);
  } finally {
    await heal(lab);
  }
}

function vrrpTable(rows: readonly VrrpRow[]): string {
  const troubles = [...stallsSec.map((sec) => `a stall of ${sec} s`), `${loss.percent} % loss for ${loss.lossSec} s`];
  const head = ["adverts", "p50 s", "p95 s", "max s", ...troubles.map((trouble) => `moves by ${trouble}`)];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, killedHost, stalls, loss } of rows) {
    const outage = [killedHost.p50, killedHost.p95, killedHost.max].map((sec) => sec.toFixed(2));
    const moves = [...stalls, loss].map(({ moves, runs }) => `${moves} in ${runs} runs`);
    table.push([name, ...outage, ...moves]);
  }
  return table.toString();
}
