import { CommanderError } from "commander";
import { ConfigError } from "../config/errors.ts";
import { OperatorError, UsageError } from "../operator/errors.ts";
import { asOperatorError, inOurWords, unforeseenFix, wordsOf } from "../operator/foreign-errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** What to say about an error, and what the process ends with. */
export interface Report {
  /** Empty where commander has said it all. */
  readonly text: string;
  readonly exitCode: number;
}

/** Says what went wrong: in words for the operator, never with a stack trace. */
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

/** An error that nobody expected, and what led to it. */
function withCause(error: Error): string {
  const { cause } = error;
  const known = inOurWords(cause);
  const why = cause instanceof Error ? (known?.message ?? firstLine(cause)) : undefined;
  const isSaid = [why, firstLine(cause)].some((words) => words === undefined || error.message.includes(words));
  const fix = known?.details.fix ?? unforeseenFix;
  return new OperatorError(wordsOf(error), { cause: isSaid ? undefined : why, fix }).describe();
}

/** What a program has printed follows in further lines, and is long. */
const firstLine = (error: unknown) => wordsOf(error).split("\n")[0] as string;
