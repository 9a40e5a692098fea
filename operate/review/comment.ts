import { stripVTControlCharacters } from "node:util";
import { redact, redacted } from "../../common/secrets/redact.ts";
import { shown } from "../../common/shown.ts";
import { parseCdktfOutput } from "./cdktf-output.ts";
import { headline, warnings } from "./headline.ts";
import { details, fenced, inlineCode, plainWords } from "./markdown.ts";
import { lastLines, readPlan, type StackPlan } from "./plan-text.ts";

export interface CommentProps {
  /** The output of `cdktf diff` for one or more stacks. */
  readonly output: string;
  /** Whether a command of the job failed. */
  readonly failed: boolean;
  /** Heading of the comment. Also identifies it: each title has its own comment. */
  readonly title: string;
  /** Page of the job with the full output. @default - not linked */
  readonly logUrl?: string;
  /** Commit of the diff. @default - not named */
  readonly commit?: string;
  /** Length limit of the whole comment, in characters. @default 65000 */
  readonly maxLength?: number;
}

/** GitHub allows 65536 characters. GitLab allows a million, which nobody reads and which slow browsers down. */
const longestComment = 65_000;

/** The first line of a comment, which identifies it. Readers do not see it. */
export function markerOf(title: string): string {
  return `<!-- registry-cluster diff: ${encodeURIComponent(title)} -->`;
}

/** Turns the output of `cdktf diff` into the Markdown of one comment. */
export function renderComment(props: CommentProps): string {
  const plans = readPlans(props);
  const head = [markerOf(props.title), `## ${plainWords(props.title)}`].join("\n");
  const foot = footOf(props);
  const tops = plans.map((plan) => [headline(plan), ...warnings(plan)].join("\n\n"));
  const fixed = [head, ...tops, foot].join("\n\n").length;
  let left = (props.maxLength ?? longestComment) - fixed;
  const sections = plans.map((plan, i) => {
    // space that a short plan leaves goes to the longer ones after it
    const block = planBlock(plan, Math.floor(left / (plans.length - i)), props.logUrl);
    left -= block.length;
    return `${tops[i]}${block}`;
  });
  return [head, ...sections, foot].join("\n\n");
}

/** The plan of every stack; if there is none, the output instead. */
function readPlans({ output, failed }: CommentProps): StackPlan[] {
  const { stacks, rest } = parseCdktfOutput(output);
  const plans = stacks.map(readPlan);
  const toldWhy = plans.some(({ result }) => result === "failed");
  const all = toldWhy || (plans.length > 0 && !failed) ? plans : [...plans, planThatNeverWas(rest)];
  return all.map((plan) => ({ ...plan, text: plan.text.map(shown) }));
}

function planThatNeverWas(rest: readonly string[]): StackPlan {
  const text = lastLines(rest.map((line) => stripVTControlCharacters(line)));
  return { stack: "", result: "failed", counts: { add: 0, change: 0, destroy: 0 }, changes: [], complete: true, text };
}

/** The foldable plan, as much of it as fits. */
function planBlock({ result, text }: StackPlan, room: number, logUrl: string | undefined): string {
  if (result === "no-changes") return "";
  const summary = result === "failed" ? "What went wrong" : "Plan";
  const whole = blockOf(summary, text);
  if (whole.length <= room) return whole;
  const note = `\n\n**${summary} cut here: too long for a comment.** ${fullLog(logUrl)}`;
  const lines = firstLines(text, room - blockOf(summary, []).length - note.length);
  return lines.length > 0 ? `${blockOf(summary, lines)}${note}` : note;
}

function blockOf(summary: string, lines: readonly string[]): string {
  return `\n\n${details(summary, fenced("diff", lines))}`;
}

/** As many whole lines as fit. */
function firstLines(lines: readonly string[], room: number): readonly string[] {
  // the cut text may contain a longer run of backticks, and its fence counts twice
  const fences = 2 * (fenced("", lines).indexOf("\n") - 3);
  let length = fences;
  const count = lines.findIndex((line) => {
    length += line.length + 1;
    return length > room;
  });
  return count < 0 ? lines : lines.slice(0, count);
}

function footOf({ commit, logUrl, output }: CommentProps): string {
  const made = commit ? `Made from ${inlineCode(commit.slice(0, 12))}. ` : "";
  const hidden = redact(stripVTControlCharacters(output)).includes(redacted)
    ? `\n\n**Something in this diff looks like a secret and is shown as ${redacted}.** It is in the job's log as it is: change it at its source.`
    : "";
  return `${made}${fullLog(logUrl)}${hidden}`;
}

function fullLog(logUrl: string | undefined): string {
  return logUrl ? `[The full output](${logUrl}) is in the job's log.` : "The full output is in the job's log.";
}
