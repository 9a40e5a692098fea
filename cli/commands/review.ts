import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import { renderComment } from "../../operate/review/comment.ts";
import { describeJob, forgeOfJob } from "../../operate/review/job.ts";
import { postComment } from "../../operate/review/post.ts";
import { say } from "../output.ts";

interface CommentOptions {
  readonly diff: string;
  readonly failed?: boolean;
  readonly title: string;
  readonly logUrl?: string;
  readonly commit?: string;
}

export function registerReview(program: Command): void {
  const review = program.command("review").description("turn the output of `cdktf diff` into a review comment");

  withCommentOptions(review.command("comment").description("print the comment's Markdown")).action(
    (options: CommentOptions) => say(commentOf(options)),
  );

  withCommentOptions(
    review
      .command("post")
      .description("post the comment on the job's pull request, replacing the previous one")
      .option("--pull-request <number>", "the pull or merge request", pullRequestNumber),
  ).action(async (options: CommentOptions & { pullRequest?: number }) => {
    const forge = forgeOfJob(process.env, options.pullRequest);
    const posted = await postComment(forge, options.title, commentOf(options));
    say(`comment ${posted}: ${forge.target}`);
  });
}

function withCommentOptions(command: Command): Command {
  return command
    .option("--diff <file>", "output of `cdktf diff`, with its colours; - is standard input", "-")
    .option("--failed", "the diff command failed")
    .option("--title <words>", "the comment's heading; each title has a comment of its own", "Terraform plan")
    .option("--log-url <url>", "page with the full output; by default the job's own")
    .option("--commit <sha>", "commit that the diff is of; by default the job's own");
}

function commentOf({ diff, failed = false, title, logUrl, commit }: CommentOptions): string {
  const job = describeJob(process.env);
  return renderComment({
    output: readDiff(diff),
    failed,
    title,
    logUrl: logUrl ?? job.logUrl,
    commit: commit ?? job.commit,
  });
}

function readDiff(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new OperatorError(`--diff ${file}: cannot be read`, {
      cause: whyOf(error),
      fix: "name the file with the output of 'cdktf diff'",
    });
  }
}

function pullRequestNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a number from 1 on is allowed.");
}
