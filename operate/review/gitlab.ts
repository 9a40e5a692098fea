import { type Forge, pageSize } from "./forge.ts";
import { type Api, request } from "./http.ts";

export interface GitLabProps {
  /** Such as `https://gitlab.com/api/v4`. */
  readonly apiUrl: string;
  readonly token: string;
  /** Number of the project. */
  readonly project: string;
  /** Number of the merge request within the project. */
  readonly mergeRequest: number;
}

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number };
}

/** Comments of a merge request on GitLab, which calls them notes. */
export function gitLab({ apiUrl, token, project, mergeRequest }: GitLabProps): Forge {
  const api: Api = { url: apiUrl, headers: { "private-token": token } };
  const notes = `/projects/${encodeURIComponent(project)}/merge_requests/${mergeRequest}/notes`;
  return {
    target: `merge request ${mergeRequest} of project ${project}`,
    async whoAmI() {
      const { id } = (await request(api, "GET", "/user")) as { id: number };
      return String(id);
    },
    async comments(page) {
      const query = `per_page=${pageSize}&page=${page}&order_by=created_at&sort=asc`;
      const found = (await request(api, "GET", `${notes}?${query}`)) as Note[];
      return found.map(({ id, body, author }) => ({ id, body, author: String(author.id) }));
    },
    async create(body) {
      await request(api, "POST", notes, { body });
    },
    async update({ id }, body) {
      await request(api, "PUT", `${notes}/${id}`, { body });
    },
  };
}
