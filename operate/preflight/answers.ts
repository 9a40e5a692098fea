import { kindOfAwsError, wordsOfAwsError } from "../../access/explain-aws-error.ts";
import type { Answer } from "./facts.ts";

/** Waits for all answers. */
export async function together<Answers extends object>(
  asked: {
    readonly [Name in keyof Answers]: Promise<Answers[Name]>;
  },
): Promise<Answers> {
  const answers = Object.entries<Promise<unknown>>(asked).map(async ([name, answer]) => [name, await answer] as const);
  return Object.fromEntries(await Promise.all(answers)) as Answers;
}

/** Asks AWS. A refusal is an answer too. */
export async function answerOf<Value>(ask: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await ask() };
  } catch (error) {
    // the secret store explains errors for its own commands: judge the original
    const original = error instanceof Error && error.cause ? error.cause : error;
    return { refusal: { kind: kindOfAwsError(original) ?? "other", words: wordsOfAwsError(original) } };
  }
}
