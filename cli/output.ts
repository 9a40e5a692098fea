import type { OutputConfiguration } from "commander";
import { shown, shownJson } from "../common/shown.ts";
import { meaningOf } from "../common/system-errors.ts";
import { withoutLogins } from "../common/url-logins.ts";
import { exitCodes } from "./exit-codes.ts";

/** All output goes through here: it may quote text from others, and no terminal may interpret control characters in that. */

/** Prints a result. */
export const say = (text: string): void => console.log(shown(text));

/** Prints a result for scripts. */
export const sayJson = (value: unknown): void => console.log(shownJson(JSON.stringify(value, undefined, 2)));

/** Prints progress and errors, on standard error. */
export const tell = (text: string): void => console.error(withoutLogins(shown(text)));

/** What commander itself prints: help and usage errors. */
export const commanderOutput: OutputConfiguration = {
  writeOut: (text) => process.stdout.write(shown(text)),
  writeErr: (text) => process.stderr.write(withoutLogins(shown(text))),
};

/**
 * Keeps the process running when its output is closed, as by `| head -1`: the work runs to its end. Output that cannot be
 * written, as to a full disk, is a failure.
 */
export function outliveOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    const { problem = String(code), fix = "send it elsewhere" } = meaningOf(code) ?? {};
    tell(`standard output cannot be written: ${problem}\n  mend: ${fix}`);
    // At exit, to override what the command itself sets.
    process.once("exit", () => {
      process.exitCode = exitCodes.failed;
    });
  });
}
