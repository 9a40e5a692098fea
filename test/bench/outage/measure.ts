import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../../common/errors.ts";
import { heal } from "../../../lab/faults/heal.ts";
import type { LabState } from "../../../lab/state.ts";
import type { OutageCase, Scene } from "./cases.ts";
import { holderOf, mastersSince, movesSince, proxiesOf, setConverging, untilWhole } from "./cluster.ts";
import { outageRun } from "./outage-run.ts";
import { type Probing, probeTimeoutMs } from "./probing.ts";
import type { OutageRun } from "./result.ts";
import type { ProxySettings } from "./settings.ts";

/** For this long after a failure, there may be another one. Longer than a request can hang. */
const quietMs = probeTimeoutMs + 1_000;
/** HAProxy uses a proxy again after two passed checks, one each second. The next run starts when it uses all of them. */
const afterHealingMs = 3_000;
/** By then, any second failure has happened. */
const shortestMs = 6_000;
/** The fault is healed then at the latest, which ends an outage that would last as long as the fault. */
const longestMs = 20_000;

/** Breaks the cluster in one way, watches, heals it, and waits until it has recovered. Heals it on failure too. */
export async function measureOutage(
  lab: LabState,
  { limitSec, strike }: OutageCase,
  settings: ProxySettings,
  probing: Probing,
): Promise<OutageRun> {
  await setConverging(lab, false);
  await untilCalm(lab, probing);
  const scene = await sceneOf(lab, settings);
  probing.forget();
  let healingMs: number;
  let faultMs: number;
  let isOver: boolean;
  try {
    faultMs = (await strike(scene)).at;
    const expectedMs = 1000 * (limitSec?.(settings) ?? 0);
    isOver = await untilOver(
      probing,
      Math.max(faultMs + expectedMs + 1_500, faultMs + shortestMs, Date.now() + quietMs),
    );
  } finally {
    healingMs = Date.now();
    await heal(lab);
  }
  await untilCalm(lab, probing);
  await sleep(afterHealingMs);

  return outageRun({
    probes: probing.probes,
    faultMs,
    healingMs,
    endedByHealing: !isOver,
    wholeMs: Date.now(),
    moves: await movesSince(lab, scene.holder.name, faultMs),
    mastersMs: await mastersSince(lab, faultMs),
  });
}

/** Waits until the cluster has recovered and no request fails any more. */
async function untilCalm(lab: LabState, probing: Probing): Promise<void> {
  await untilWhole(lab);
  const since = Date.now();
  while (probing.probes.length === 0 || Date.now() - (probing.lastFailureMs() ?? 0) < quietMs) {
    if (Date.now() - since > longestMs)
      throw new OperatorError("requests fail although the cluster has recovered", {
        cause: probing.probes.at(-1)?.failure,
        fix: "see the logs of the nodes: npx registry-cluster lab logs NODE",
      });
    await sleep(100);
  }
}

/** Waits until nothing fails any more, at least until `earliestMs`. @returns whether that was in time. */
async function untilOver(probing: Probing, earliestMs: number): Promise<boolean> {
  const isQuiet = () => Date.now() - (probing.lastFailureMs() ?? 0) >= quietMs;
  while (Date.now() < earliestMs || (!isQuiet() && Date.now() < earliestMs + longestMs)) await sleep(100);
  return isQuiet();
}

async function sceneOf(lab: LabState, settings: ProxySettings): Promise<Scene> {
  const holder = await holderOf(lab);
  // At equal priority, the lower number wins.
  const standby = proxiesOf(lab).find(({ name }) => name !== holder?.name);
  const registry = lab.nodes.find(({ role }) => role === "registry");
  if (!holder || !standby || !registry) throw new OperatorError("no proxy has the address", { fix: "npm start" });
  return { lab, holder, standby, registry, settings };
}
