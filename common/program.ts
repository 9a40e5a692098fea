import { ExecaError, type Options } from "execa";
import { OperatorError } from "./errors.ts";
import { noProgram, whyOf } from "./foreign-errors.ts";
import { interrupted } from "./interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits } from "./process-group.ts";

/** Options for a program that cleans up: it runs to its end even after Ctrl-C. */
export const uninterrupted: Options = { cancelSignal: undefined };

/**
 * Runs a program to its end, or until Ctrl-C.
 *
 * @param limits how long to wait for it. @default - forever
 * @returns what it printed.
 * @throws OperatorError with the program's own words; after Ctrl-C, any error.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: Options = {},
  limits: TimeLimits = {},
): Promise<string> {
  const withSignal = { cancelSignal: interrupted, ...options };
  withSignal.cancelSignal?.throwIfAborted();
  try {
    const { end } = startGroup(program, args, { ...withSignal, lines: false, encoding: "utf8" }, limits);
    const { stdout } = (await end) as { readonly stdout?: unknown };
    return String(stdout ?? "");
  } catch (error) {
    throw programFailure(`${program} ${args[0]}`, error);
  }
}

/** The failure of a program, as an error that the operator can read. */
export function programFailure(what: string, error: unknown): unknown {
  if (error instanceof TimeLimitError) {
    return new OperatorError(`${what} was stopped`, {
      cause: error.message,
      fix: "check that the server it talks to answers, and try again",
    });
  }
  if (!(error instanceof ExecaError) || error.isCanceled) return error;
  if (error.code === "ENOENT") return noProgram(what.split(" ")[0] as string);
  return new OperatorError(`${what} failed`, {
    cause: lastWords(error),
    fix: `correct what ${what.split(" ")[0]} reports, and try again`,
  });
}

/** The last lines that a failed program printed; for any other failure, what it means. */
export function lastWords(error: unknown): string {
  if (!(error instanceof ExecaError) || error.code === "ENOENT") return whyOf(error);
  const words = String(error.stderr || `it ended with ${error.exitCode ?? error.signal} and printed nothing`).trim();
  return words.split("\n").slice(-5).join("\n        ");
}
