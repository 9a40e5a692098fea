import type { FaultName, LabFault } from "../../lab/faults/catalogue.ts";
import type { Aim, Limits } from "./history.ts";
import { randomFor } from "./random.ts";

/** One fault, from its begin until the cluster has been whole for a while. */
export interface Strike {
  readonly fault: FaultName;
  readonly aim?: Aim;
  /** Which of them, when there are several: counted from 0, and around. */
  readonly number: number;
  /** From its begin until it is healed, or until it must have passed by itself. */
  readonly durationSec: number;
  /** From its healing until the next strike. */
  readonly quietSec: number;
  /** A second deployment begins so long after the fault. */
  readonly deployAfterSec?: number;
}

export interface ScheduleProps {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly LabFault[];
  readonly limits: Limits;
}

/**
 * Faults for so many minutes: one at a time, because what is promised is to survive any single one. All come up before one comes
 * up a second time. The same seed gives the same schedule.
 */
export function scheduleOf({ seed, minutes, faults, limits }: ScheduleProps): Strike[] {
  const random = randomFor(seed, "schedule");
  const rightWithinSec = Math.ceil(limits.rightWithinMs / 1_000);
  // Requests that hang because of a fault must end before it is healed, to be counted.
  const longSec = rightWithinSec + Math.ceil(limits.patienceMs / 1_000);
  const strikes: Strike[] = [];

  const aimAt = ({ strikes, everywhere }: LabFault): Aim | undefined => {
    if (strikes === "cluster" || (everywhere && random.onceIn(2))) return undefined;
    if (strikes === "registry") return "registry";
    if (strikes === "node" && random.onceIn(3)) return "registry";
    return random.onceIn(3) ? "backup" : "holder";
  };
  /** Most faults last until the cluster must have got used to them, the first does; some are healed while it is at it. */
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
