import type { Duration } from "../config/duration.ts";

const secondsPerMinute = 60;
const secondsPerHour = 3_600;
export const secondsPerDay = 86_400;

const shortestPeriodSec = 5 * secondsPerMinute;

/** Periods that systemd's calendar can repeat evenly over a day. */
const evenPeriodsSec = [
  shortestPeriodSec,
  ...[6, 10, 12, 15, 20, 30].map((minutes) => minutes * secondsPerMinute),
  ...[1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * secondsPerHour),
];

/**
 * When a node converges, as `OnCalendar=` of a systemd timer: every node at its own time within the interval, so that
 * the nodes take turns. An interval that does not divide the day evenly is shortened to the next one that does.
 *
 * @param position - position of the node in the cluster, from 0
 * @param nodeCount - number of nodes that share the interval
 */
export function convergeCalendar(interval: Duration, position: number, nodeCount: number): string {
  const periodSec = evenPeriodsSec.findLast((period) => period <= interval.seconds) ?? shortestPeriodSec;
  const offsetSec = Math.floor((position * periodSec) / nodeCount);
  const [hour, minute, second] = clock(offsetSec);
  if (periodSec === secondsPerDay) return `${hour}:${minute}:${second}`;
  if (periodSec < secondsPerHour) return `*:${minute}/${periodSec / secondsPerMinute}:${second}`;
  return `${hour}/${periodSec / secondsPerHour}:${minute}:${second}`;
}

/** Hours, minutes and seconds of a time of the day, with two digits each. */
export function clock(seconds: number): string[] {
  return [seconds / secondsPerHour, (seconds % secondsPerHour) / secondsPerMinute, seconds % secondsPerMinute].map(
    (part) => String(Math.floor(part)).padStart(2, "0"),
  );
}
