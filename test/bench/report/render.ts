import { addressMoved } from "./outage-summary.ts";
import { page } from "./page.ts";
import { cpuPlot } from "./plots/cpu.ts";
import { outagePartsPlot } from "./plots/outage-parts.ts";
import { outagePlot } from "./plots/outages.ts";
import { ratioPlot } from "./plots/ratios.ts";
import { settingsPlot } from "./plots/settings.ts";
import type { Results } from "./results.ts";

/** @returns the text of every file of the report, by its path in docs/ */
export function renderReport(results: Results): ReadonlyMap<string, string> {
  const { outage, vrrp, throughput } = results;
  const files = new Map([["measurements.md", page(results)]]);
  if (outage) {
    files.set("measurements/outage.svg", outagePlot(outage));
    if (addressMoved(outage)) files.set("measurements/failover.svg", outagePartsPlot(outage));
  }
  if (vrrp) files.set("measurements/vrrp.svg", settingsPlot(vrrp));
  if (throughput) {
    files.set("measurements/throughput.svg", ratioPlot(throughput));
    files.set("measurements/cpu.svg", cpuPlot(throughput));
  }
  return files;
}
