import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import type { Retries } from "../../common/retries.ts";
import { markerOf } from "./comment.ts";
import { type Forge, type Posted, postOnce } from "./forge.ts";
import { ApiError, withRetriesOfForge } from "./http.ts";

/** Posts the comment of this title, and replaces the previous one. */
export async function postComment(forge: Forge, title: string, body: string, retries?: Retries): Promise<Posted> {
  try {
    return await withRetriesOfForge(() => postOnce(forge, markerOf(title), body), retries);
  } catch (error) {
    if (error instanceof ApiError) throw explained(error, forge);
    throw error;
  }
}

function explained(error: ApiError, { target }: Forge): OperatorError {
  const answer = error.status ? `the API answered ${error.status}: ${error.message}` : error.message;
  return new OperatorError(`cannot post the diff on ${target}: ${answer}`, {
    cause: error.cause === undefined ? undefined : whyOf(error.cause),
    fix: mendFor(error.status),
  });
}

/** How to mend a forge's error. */
function mendFor(status: number | undefined): string {
  switch (status) {
    case 401:
      return "the token is wrong or has expired: give the job a valid one (GITHUB_TOKEN, or GITLAB_TOKEN with the scope api)";
    case 403:
      return "the token may not comment: on GitHub give the job 'permissions: pull-requests: write' (pull requests of forks and of Dependabot cannot have it); on GitLab give the token's role at least Reporter";
    case 404:
      return "there is no such pull request, or the token may not see it: check the repository, the number and what the token is for";
    case 429:
      return "the forge limits requests, and several attempts did not help: run the job again later";
    case 422:
    case 400:
      return "the forge refuses the comment itself: see its message above";
    default:
      return "the forge fails or cannot be reached, and several attempts did not help: run the job again later";
  }
}
