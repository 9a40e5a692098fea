import type { Answer, Refusal } from "../preflight/facts.ts";

/** What came out of one check. */
export interface Result {
  readonly name: string;
  readonly outcome: "ok" | "failed" | "skipped";
  /** What was found, or why the check was skipped. */
  readonly says: string;
  /** How to mend what failed, or how to have it checked. */
  readonly fix?: string;
}

type Verdict = Omit<Result, "name">;

export const ok = (says: string): Verdict => ({ outcome: "ok", says });
export const failed = (says: string, fix: string): Verdict => ({ outcome: "failed", says, fix });
export const skipped = (says: string, fix?: string): Verdict => ({ outcome: "skipped", says, fix });

/** A verdict for each thing that is wrong; `right` if nothing is. */
export const each = (wrong: readonly Verdict[], right: string): Verdict[] =>
  wrong.length > 0 ? [...wrong] : [ok(right)];

/** Judges an answer. What these credentials may not ask is skipped; any other refusal is a failure. */
export function judged<Value>(
  name: string,
  action: string,
  answer: Answer<Value>,
  verdict: (value: Value) => Verdict | readonly Verdict[],
): Result[] {
  const verdicts = "refusal" in answer ? refused(action, answer.refusal) : verdict(answer.value);
  return [verdicts].flat().map((one) => ({ name, ...one }));
}

function refused(action: string, { kind, words }: Refusal): Verdict {
  return kind === "denied"
    ? skipped(`these credentials may not ask (${words})`, `add ${action} to the policy of this user or role`)
    : failed(`AWS did not answer ${action} (${words})`, "see what AWS says, and try again in a minute");
}
