import Table from "cli-table3";
import type { LabFault } from "../lab/faults/catalogue.ts";

/** The lab faults, one per line. */
export function formatFaults(faults: readonly LabFault[]): string {
  const table = new Table({ head: ["fault", "strikes", "until", "meaning"], style: { head: [], border: [] } });
  for (const { name, strikes, everywhere, lasts, meaning } of faults) {
    table.push([
      name,
      everywhere ? `${strikes}, or all` : strikes,
      lasts ? "healed" : "it recovers by itself",
      meaning,
    ]);
  }
  return table.toString();
}
