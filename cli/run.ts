import type { Command } from "commander";
import { catchInterrupts, interrupted } from "../common/interrupt.ts";
import { exitCodes } from "./exit-codes.ts";
import { outliveOutput, tell } from "./output.ts";
import { reportOf } from "./report.ts";

/** Runs a command line, and reports a failure. */
export async function run(createProgram: () => Command): Promise<void> {
  outliveOutput();
  catchInterrupts();
  await reportFailure(() => createProgram().parseAsync());
}

/** Reports why `work` failed, and sets the exit code. @param whenInterrupted what to print after Ctrl-C */
export async function reportFailure(work: () => Promise<unknown>, whenInterrupted = "interrupted"): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { text, exitCode } = interrupted.aborted
      ? { text: whenInterrupted, exitCode: exitCodes.interrupted }
      : reportOf(error);
    if (text) tell(text);
    process.exitCode = exitCode;
  }
}
