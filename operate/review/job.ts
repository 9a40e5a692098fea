import { readFileSync } from "node:fs";
import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import type { Forge } from "./forge.ts";
import { gitHub } from "./github.ts";
import { gitLab } from "./gitlab.ts";
import { checkToken } from "./http.ts";

/** Variables that a forge sets for a job. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a job's variables say about it. */
export interface Job {
  /** Where its log is, if it says so. */
  readonly logUrl?: string;
  /** The commit that is reviewed, if it says so. */
  readonly commit?: string;
}

/** Outside of a job nothing is known, which is not an error: a comment can be rendered anywhere. */
export function describeJob(env: Environment): Job {
  if (!env.GITHUB_REPOSITORY) return { logUrl: env.CI_JOB_URL, commit: env.CI_COMMIT_SHA };
  const run = `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
  // GITHUB_SHA would be a merge commit that no reviewer knows
  return { logUrl: env.GITHUB_RUN_ID ? run : undefined, commit: readEvent(env).pull_request?.head?.sha };
}

/** @returns the forge that the job runs on. */
export function forgeOfJob(env: Environment, pullRequest?: number): Forge {
  if (env.GITHUB_REPOSITORY) {
    const apiUrl = env.GITHUB_API_URL || "https://api.github.com";
    return gitHub({
      apiUrl,
      graphqlUrl: env.GITHUB_GRAPHQL_URL || "https://api.github.com/graphql",
      token: checkToken(
        "GITHUB_TOKEN",
        required(env, "GITHUB_TOKEN", "set it to ${{ github.token }} in the step's env"),
      ),
      repository: env.GITHUB_REPOSITORY,
      pullRequest: pullRequest ?? numberOf(readEvent(env).pull_request?.number, "GITHUB_EVENT_PATH"),
    });
  }
  if (env.CI_PROJECT_ID) {
    return gitLab({
      apiUrl: required(env, "CI_API_V4_URL", "GitLab sets it in every job"),
      token: checkToken(
        "GITLAB_TOKEN",
        required(env, "GITLAB_TOKEN", "make a project access token (role Reporter, scope api) a masked CI/CD variable"),
      ),
      project: env.CI_PROJECT_ID,
      mergeRequest: pullRequest ?? numberOf(env.CI_MERGE_REQUEST_IID, "CI_MERGE_REQUEST_IID"),
    });
  }
  throw new OperatorError("this is neither a job of GitHub (GITHUB_REPOSITORY) nor of GitLab (CI_PROJECT_ID)", {
    fix: "set the variables of one of them, or print the comment with 'registry-cluster review comment'",
  });
}

function required(env: Environment, name: string, fix: string): string {
  const value = env[name]?.trim();
  if (value) return value;
  throw new OperatorError(`${name} is not set`, { fix });
}

function numberOf(value: unknown, where: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new OperatorError(`${where} names no pull request: this job is not for one`, {
    fix: "run it for pull requests, or name one with --pull-request",
  });
}

interface PullRequestEvent {
  readonly pull_request?: { readonly number?: number; readonly head?: { readonly sha?: string } };
}

function readEvent({ GITHUB_EVENT_PATH: path }: Environment): PullRequestEvent {
  if (!path) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PullRequestEvent;
  } catch (error) {
    throw new OperatorError(`GITHUB_EVENT_PATH: ${path} is not a readable JSON file`, {
      cause: error instanceof SyntaxError ? undefined : whyOf(error),
      fix: "leave the variable as GitHub sets it",
    });
  }
}
