import type { OutageReport, VrrpReport } from "../outage/result.ts";
import type { ThroughputReport } from "../throughput/result.ts";

/** All measurements so far. */
export interface Results {
  readonly outage?: OutageReport;
  /** With AWS's delays. */
  readonly outageAsOnAws?: OutageReport;
  readonly vrrp?: VrrpReport;
  readonly throughput?: ThroughputReport;
}
