import { cpus, release, totalmem } from "node:os";

/** Where and when something was measured, without which no number means anything. */
export interface MeasuredMachine {
  /** Day of the measurement, UTC: 2026-11-22. */
  readonly date: string;
  readonly cores: number;
  /** Memory, rounded to one decimal. */
  readonly memoryGib: number;
  /** The CPU's own name for itself, such as `AMD EPYC 7R13 Processor`. */
  readonly cpu: string;
  /** Release of the Linux kernel, such as 6.1.0-28-amd64. */
  readonly kernel: string;
}

const bytesPerGib = 1024 ** 3;

/** The machine that this process runs on, today. */
export function measuredMachine(): MeasuredMachine {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, "2026-11-22".length),
    cores: cores.length,
    memoryGib: Math.round((totalmem() / bytesPerGib) * 10) / 10,
    cpu: cores[0]?.model.trim() || "unknown CPU",
    kernel: release(),
  };
}
