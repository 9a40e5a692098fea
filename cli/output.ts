import type { OutputConfiguration } from "commander";
import { shown, shownJson } from "../common/shown.ts";
import { meaningOf } from "../common/system-errors.ts";
import { withoutLogins } from "../common/url-logins.ts";
import { exitCodes } from "./exit-codes.ts";

/** The edge at which all text leaves: names, values and answers of others are in it, and no terminal may obey them. */

/** Prints what was asked for. */
export const say = (text: string): void => console.log(shown(text));

/** Prints it for scripts. */
export const sayJson = (value: unknown): void => console.log(shownJson(JSON.stringify(value, undefined, 2)));

/** Prints what goes on, or what went wrong. */
export const tell = (text: string): void => console.error(withoutLogins(shown(text)));

/** What commander prints itself: help, and what is wrong with a command line. */
export const commanderOutput: OutputConfiguration = {
  writeOut: (text) => process.stdout.write(shown(text)),
  writeErr: (text) => process.stderr.write(withoutLogins(shown(text))),
};

/**
 * Lets the process outlive its output. Who reads `| head -1` has seen enough, and what runs goes on to its end; output that
 * a full disk does not take is a failure.
 */
export function outliveOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    const { problem = String(code), fix = "send it elsewhere" } = meaningOf(code) ?? {};
    tell(`standard output cannot be written: ${problem}\n  mend: ${fix}`);
    // Last of all, whatever the command itself sets.
    process.once("exit", () => {
      process.exitCode = exitCodes.failed;
    });
  });
}
