import { setTimeout as sleep } from "node:timers/promises";
import { interrupted } from "../../common/interrupt.ts";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import type { LabState } from "../../lab/state.ts";
import { addressHolder } from "../../lab/status.ts";
import type { History, Struck } from "./history.ts";
import type { Strike } from "./schedule.ts";

export interface NemesisProps {
  readonly lab: LabState;
  readonly history: History;
  readonly strikes: readonly Strike[];
  /** How long the cluster may take to recover after healing: before that, it is not quiet. */
  readonly rightWithinMs: number;
  onStrike(strike: Strike, node: string | undefined, number: number): void;
  /** Called at the start and the end of each time without faults. */
  onQuiet(act: "quiet begins" | "quiet ends"): Promise<void>;
}

/** Carries out a schedule. Always heals the cluster at the end. */
export async function runNemesis(props: NemesisProps): Promise<void> {
  try {
    for (const [index, strike] of props.strikes.entries()) await runStrike(props, strike, index + 1);
  } finally {
    await heal(props.lab);
  }
}

async function runStrike(props: NemesisProps, strike: Strike, number: number): Promise<void> {
  const { lab, history, rightWithinMs } = props;
  const { fault, aim, durationSec, quietSec, deployAfterSec } = strike;
  const node = await nodeAimedAt(lab, strike);
  const note = (act: Struck["act"], more: Partial<Struck> = {}) =>
    history.add({ type: "nemesis", at: Date.now(), act, fault, aim, node, ...more });

  props.onStrike(strike, node, number);
  note("strikes");
  const { at: began } = await inject(lab, fault, node);
  note("struck", { began });
  const beside = deployAfterSec === undefined ? undefined : deploy(lab, deployAfterSec, () => note("beside"));
  await pause(began + durationSec * 1_000 - Date.now());
  await beside;
  note("healing");
  await heal(lab);
  note("healed");

  await pause(rightWithinMs);
  await props.onQuiet("quiet begins");
  await pause(quietSec * 1_000 - rightWithinMs);
  await props.onQuiet("quiet ends");
}

/** A second deployment while a fault lasts. Nodes that are off cannot take part, which is not a failure. */
async function deploy(lab: LabState, afterSec: number, onBegin: () => void): Promise<void> {
  await pause(afterSec * 1_000);
  onBegin();
  await inject(lab, "deploy").catch(() => undefined);
}

/** @returns undefined if the fault names no node. */
async function nodeAimedAt(lab: LabState, { aim, number }: Strike): Promise<string | undefined> {
  if (aim === undefined) return undefined;
  const holder = await addressHolder(lab);
  const isHolder = ({ privateIp }: { privateIp: string }) => privateIp === holder;
  const candidates = lab.nodes.filter((node) =>
    aim === "registry" ? node.role === "registry" : node.role === "proxy" && isHolder(node) === (aim === "holder"),
  );
  const node = candidates[number % candidates.length];
  if (!node) throw new Error(`no ${aim} to strike: the holder is ${holder ?? "nobody"}`);
  return node.name;
}

const pause = (ms: number) => sleep(Math.max(0, ms), undefined, { signal: interrupted });
