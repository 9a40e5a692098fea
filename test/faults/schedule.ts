import type { FaultName, LabFault } from "../../lab/faults/catalogue.ts";
import type { Aim, Limits } from "./history.ts";
import { randomFor } from "./random.ts";

/** One fault, from its start until the cluster has been quiet for a while. */
export interface Strike {
  readonly fault: FaultName;
  readonly aim?: Aim;
  /** Which of several nodes: counts from 0, and wraps around. */
  readonly number: number;
  /** From its start until it is healed, or until the cluster must have recovered by itself. */
  readonly durationSec: number;
  /** From its healing until the next strike. */
  readonly quietSec: number;
  /** Starts a second deployment this long after the fault. */
  readonly deployAfterSec?: number;
}

export interface ScheduleProps {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly LabFault[];
  readonly limits: Limits;
}

/**
 * Faults for this many minutes: one at a time, because the promise is to survive any single one. Each comes once before any comes a
 * second time. The same seed gives the same schedule.
 */
export function scheduleOf({ seed, minutes, faults, limits }: ScheduleProps): Strike[] {
  const random = randomFor(seed, "schedule");
  const rightWithinSec = Math.ceil(limits.rightWithinMs / 1_000);
  // Requests that hang because of a fault must end before it is healed, or they would not count.
  const longSec = rightWithinSec + Math.ceil(limits.patienceMs / 1_000);
  const strikes: Strike[] = [];

  const aimAt = ({ strikes, everywhere }: LabFault): Aim | undefined => {
    if (strikes === "cluster" || (everywhere && random.onceIn(2))) return undefined;
    if (strikes === "registry") return "registry";
    if (strikes === "node" && random.onceIn(3)) return "registry";
    return random.onceIn(3) ? "backup" : "holder";
  };
  /** Most faults, and the first, last until the cluster must have reacted; some are healed before that. */
  const strikeOf = (fault: LabFault): Strike => ({
    fault: fault.name as FaultName,
    aim: aimAt(fault),
    number: random.between(0, 7),
    durationSec: strikes.length > 0 && random.onceIn(4) ? random.between(2, 8) : longSec + random.between(4, 8),
    quietSec: rightWithinSec + random.between(8, 12),
    ...(fault.strikes === "proxy" && random.onceIn(6) ? { deployAfterSec: random.between(0, 4) } : {}),
  });

  for (let rest = random.shuffled(faults); lengthSec(strikes) < minutes * 60; ) {
    if (rest.length === 0) rest = random.shuffled(faults);
    strikes.push(strikeOf(rest.shift()!));
  }
  return strikes;
}

const lengthSec = (strikes: readonly Strike[]) =>
  strikes.reduce((sum, { durationSec, quietSec }) => sum + durationSec + quietSec, 0);
