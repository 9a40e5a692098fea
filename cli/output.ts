import { meaningOf } from "../operator/system-errors.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * Lets the process outlive its output. Who reads `| head -1` has seen enough, and what runs goes on to its end; output that
 * a full disk does not take is a failure.
 */
export function outliveOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    const { problem = String(code), fix = "send it elsewhere" } = meaningOf(code) ?? {};
    console.error(`standard output cannot be written: ${problem}\n  mend: ${fix}`);
    // Last of all, whatever the command itself sets.
    process.once("exit", () => {
      process.exitCode = exitCodes.failed;
    });
  });
}
