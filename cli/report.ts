import { CommanderError } from "commander";
import { OperatorError, UsageError } from "../common/errors.ts";
import { inOurWords } from "../common/foreign-errors.ts";
import { ConfigError } from "../config/errors.ts";
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
  if (!(error instanceof Error)) return { text: String(error), exitCode: exitCodes.failed };
  const known = error instanceof OperatorError ? error : inOurWords(error);
  const exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  return { text: known?.describe() ?? withCause(error), exitCode };
}

/** An error in our words, and what led to it. */
function withCause(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return wordsOf(error);
  const known = inOurWords(cause);
  const why = known?.message ?? firstLine(cause);
  if (error.message.includes(why) || error.message.includes(firstLine(cause))) return wordsOf(error);
  const { fix } = known?.details ?? {};
  return [wordsOf(error), `  why:  ${why}`, ...(fix ? [`  mend: ${fix}`] : [])].join("\n");
}

/** Some of Node's network errors have a code and no message. */
function wordsOf(error: Error): string {
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

/** What a program has printed follows in further lines, and is long. */
const firstLine = (error: Error) => wordsOf(error).split("\n")[0] as string;
