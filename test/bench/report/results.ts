import type { OutageReport, VrrpReport } from "../outage/result.ts";
import type { ThroughputReport } from "../throughput/result.ts";

/** What has been measured so far; what has not is absent. */
export interface Results {
  readonly outage?: OutageReport;
  readonly vrrp?: VrrpReport;
  readonly throughput?: ThroughputReport;
}
