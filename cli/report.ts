import { CommanderError } from "commander";
import { OperatorError, UsageError } from "../common/errors.ts";
import { asOperatorError, inOurWords, unforeseenFix, wordsOf } from "../common/foreign-errors.ts";
import { ConfigError } from "../config/errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** What to print about an error, and the exit code. */
export interface Report {
  /** Empty if commander has already printed it. */
  readonly text: string;
  readonly exitCode: number;
}

/** Describes an error for the operator, never with a stack trace. */
export function reportOf(error: unknown): Report {
  if (error instanceof CommanderError) {
    return { text: "", exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  if (error instanceof ConfigError) return { text: error.message, exitCode: exitCodes.usage };
  const known =
    error instanceof OperatorError || !(error instanceof Error) ? asOperatorError(error) : inOurWords(error);
  const exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  return { text: known?.describe() ?? withCause(error as Error), exitCode };
}

/** An unexpected error, with its cause. */
function withCause(error: Error): string {
  const { cause } = error;
  const known = inOurWords(cause);
  const why = cause instanceof Error ? (known?.message ?? firstLine(cause)) : undefined;
  const isSaid = [why, firstLine(cause)].some((words) => words === undefined || error.message.includes(words));
  const fix = known?.details.fix ?? unforeseenFix;
  return new OperatorError(wordsOf(error), { cause: isSaid ? undefined : why, fix }).describe();
}

/** Further lines hold a program's output, which is long. */
const firstLine = (error: unknown) => wordsOf(error).split("\n")[0] as string;
