import type { Command } from "commander";
import { catchInterrupts, interrupted } from "../operator/interrupt.ts";
import { exitCodes } from "./exit-codes.ts";
import { reportOf } from "./report.ts";

/** Runs a command line to its end, and says how it ended. */
export async function run(createProgram: () => Command): Promise<void> {
  catchInterrupts();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    const { text, exitCode } = interrupted.aborted
      ? { text: "interrupted", exitCode: exitCodes.interrupted }
      : reportOf(error);
    if (text) console.error(text);
    process.exitCode = exitCode;
  }
}
