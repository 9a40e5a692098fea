import { catchInterrupts, interrupted } from "../operator/interrupt.ts";
import { exitCodes } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { reportOf } from "./report.ts";

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
