import type { ClusterConfig } from "../../config/schema.ts";
import { nginxHangsSec } from "../../topology/timeouts.ts";
import type { Limits } from "./history.ts";

/** One call of the AWS API that times out, a client's own attempt, and two cores that all machines of a lab share. */
const slackMs = 8_000;

/**
 * How long the cluster may take to recover, from its settings: until VRRP notices, by silence or by a stuck nginx or HAProxy, whichever
 * takes longer (docs/how-it-works.md has the sums); then until the EIP keeper reconciles, if it missed the event.
 */
export function limitsOf({ vrrp }: ClusterConfig): Limits {
  const { checkInterval, checkTimeout, checkFall, advertInterval, downAfterAdverts, reconcileInterval } = vrrp;
  const silentMs = advertInterval.milliseconds * (downAfterAdverts + 1);
  const longestCheckMs = Math.max(checkInterval.milliseconds, checkTimeout.milliseconds);
  const toldMs = nginxHangsSec * 1000 + checkInterval.milliseconds * checkFall;
  const stuckMs = Math.max(toldMs, checkInterval.milliseconds + longestCheckMs * checkFall);
  return {
    rightWithinMs: Math.max(silentMs, stuckMs) + reconcileInterval.milliseconds + slackMs,
    blipMs: stuckMs,
    patienceMs: 10_000,
  };
}
