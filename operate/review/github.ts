import { type Forge, pageSize } from "./forge.ts";
import { type Api, ApiError, request } from "./http.ts";

export interface GitHubProps {
  /** Such as `https://api.github.com`. */
  readonly apiUrl: string;
  /** Such as `https://api.github.com/graphql`. */
  readonly graphqlUrl: string;
  readonly token: string;
  /** Owner and name. */
  readonly repository: string;
  readonly pullRequest: number;
}

interface IssueComment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly login: string } | null;
}

/** GraphQL reports errors with status 200. */
interface ViewerAnswer {
  readonly data?: { readonly viewer: { readonly login: string } } | null;
  readonly errors?: readonly { readonly message: string }[];
}

/** Comments of a pull request on GitHub, which are those of its issue. */
export function gitHub({ apiUrl, graphqlUrl, token, repository, pullRequest }: GitHubProps): Forge {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "registry-cluster",
  };
  const api: Api = { url: apiUrl, headers };
  const issues = `/repos/${repository}/issues`;
  return {
    target: `pull request ${pullRequest} of ${repository}`,
    async whoAmI() {
      // REST's /user refuses a workflow's token; GraphQL's viewer returns its bot
      const query = { query: "{ viewer { login } }" };
      const { data, errors } = (await request({ url: graphqlUrl, headers }, "POST", "", query)) as ViewerAnswer;
      if (!data) throw new ApiError(403, errors?.[0]?.message ?? "no reason given");
      return withoutSuffix(data.viewer.login);
    },
    async comments(page) {
      const found = await request(api, "GET", `${issues}/${pullRequest}/comments?per_page=${pageSize}&page=${page}`);
      return (found as IssueComment[]).map(({ id, body = "", user }) => ({
        id,
        body,
        author: withoutSuffix(user?.login ?? ""),
      }));
    },
    async create(body) {
      await request(api, "POST", `${issues}/${pullRequest}/comments`, { body });
    },
    async update({ id }, body) {
      await request(api, "PATCH", `${issues}/comments/${id}`, { body });
    },
  };
}

/** Only one of the two APIs appends this to a bot's name. No user's name can end with it. */
const withoutSuffix = (login: string) => login.replace(/\[bot\]$/, "");
