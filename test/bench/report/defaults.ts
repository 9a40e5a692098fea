import { clusterSchema } from "../../../config/schema.ts";
import type { VrrpRow } from "../outage/result.ts";

const defaults = clusterSchema.shape.vrrp.parse(undefined);

/** Whether a cluster whose config says nothing about VRRP runs with these settings. */
export function isDefault({ advertIntervalMs, downAfterAdverts, checkIntervalMs, checkFall }: VrrpRow): boolean {
  return (
    advertIntervalMs === defaults.advertInterval.milliseconds &&
    downAfterAdverts === defaults.downAfterAdverts &&
    checkIntervalMs === defaults.checkInterval.milliseconds &&
    checkFall === defaults.checkFall
  );
}
