import { clock, secondsPerDay } from "./converge-schedule.ts";

/** All nodes of a cluster are upgraded within this time of a day, so a single turn lasts at least 13 minutes. */
const windowSec = 4 * 3_600;

/** When a node installs upgrades. */
export interface UpgradeTurn {
  /** `OnCalendar=` of a systemd timer. */
  readonly calendar: string;
  /** How long a turn lasts. */
  readonly turnSec: number;
}

/**
 * Gives every node its own turn each day, one after the other.
 *
 * @param at - when the first node begins, as HH:MM in UTC
 * @param position - position of the node in the cluster, from 0
 */
export function upgradeTurn(at: string, position: number, nodeCount: number): UpgradeTurn {
  const turnSec = Math.floor(windowSec / nodeCount);
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const startSec = (hours * 60 + minutes) * 60 + position * turnSec;
  return { calendar: `${clock(startSec % secondsPerDay).join(":")} UTC`, turnSec };
}

/** A time that has passed. */
export const never = "1970-01-01 00:00:00 UTC";
