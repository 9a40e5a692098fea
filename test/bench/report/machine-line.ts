import type { MeasuredMachine } from "../measured-machine.ts";

/** Where and when the numbers were measured. */
export function machineLine({ date, cores, memoryGib, cpu, kernel }: MeasuredMachine): string {
  return `Measured on ${date} in the lab, on a machine with ${cores} cores (${cpu}), ${memoryGib} GiB of memory and Linux ${kernel}.`;
}
