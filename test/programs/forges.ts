import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment as a forge stores it. */
export interface Stored {
  readonly id: number;
  body: string;
  readonly author: string;
}

/** An answer instead of the right one. */
export interface Fault {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Whether the request was carried out before the answer was lost. */
  readonly afterwards?: boolean;
}

/** A server that emulates a forge's API for comments. */
export interface ForgeServer {
  readonly url: string;
  readonly comments: Stored[];
  /** Method and path of every request. */
  readonly requests: string[];
  /** Answers for the next requests that write. */
  readonly faults: Fault[];
  stop(): Promise<void>;
}

export const token = "a-token-that-nobody-may-see";

interface Api {
  readonly isAllowed: (request: IncomingMessage) => boolean;
  /** The answer to a request for the token's user, or undefined for other requests. */
  readonly whoAmI: (path: string) => object | undefined;
  readonly list: RegExp;
  readonly one: RegExp;
  readonly updateMethod: string;
  readonly show: (comment: Stored) => object;
}

const bot = "review";

/** @see https://docs.github.com/en/rest/issues/comments */
export const gitHubApi: Api = {
  isAllowed: ({ headers }) => headers.authorization === `Bearer ${token}`,
  whoAmI: (path) => (path === "/graphql" ? { data: { viewer: { login: `${bot}[bot]` } } } : undefined),
  list: /^\/repos\/owner\/name\/issues\/7\/comments$/,
  one: /^\/repos\/owner\/name\/issues\/comments\/(\d+)$/,
  updateMethod: "PATCH",
  show: ({ id, body, author }) => ({ id, body, user: { login: author === bot ? `${bot}[bot]` : author } }),
};

/** @see https://docs.gitlab.com/api/notes/#merge-requests */
export const gitLabApi: Api = {
  isAllowed: ({ headers }) => headers["private-token"] === token,
  whoAmI: (path) => (path === "/user" ? { id: 1, username: bot } : undefined),
  list: /^\/projects\/42\/merge_requests\/7\/notes$/,
  one: /^\/projects\/42\/merge_requests\/7\/notes\/(\d+)$/,
  updateMethod: "PUT",
  show: ({ id, body, author }) => ({
    id,
    body,
    system: false,
    author: { id: author === bot ? 1 : 2, username: author },
  }),
};

export async function startForge(api: Api): Promise<ForgeServer> {
  const comments: Stored[] = [];
  const requests: string[] = [];
  const faults: Fault[] = [];

  function answer(request: IncomingMessage, sent: string): [status: number, body: unknown] {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://forge");
    if (!api.isAllowed(request)) return [401, { message: "Bad credentials" }];
    const me = api.whoAmI(pathname);
    if (me) return [200, me];
    if (api.list.test(pathname) && request.method === "GET") {
      const size = Number(searchParams.get("per_page") ?? 20);
      const from = (Number(searchParams.get("page") ?? 1) - 1) * size;
      return [200, comments.slice(from, from + size).map(api.show)];
    }
    if (api.list.test(pathname) && request.method === "POST") {
      const comment = { id: comments.length + 1, body: JSON.parse(sent).body as string, author: bot };
      comments.push(comment);
      return [201, api.show(comment)];
    }
    const found = comments.find(({ id }) => String(id) === api.one.exec(pathname)?.[1]);
    if (!found || request.method !== api.updateMethod) return [404, { message: "Not Found" }];
    found.body = JSON.parse(sent).body as string;
    return [200, api.show(found)];
  }

  const server = createServer(async (request, response) => {
    let sent = "";
    for await (const chunk of request) sent += chunk;
    requests.push(`${request.method} ${request.url}`);
    const isWrite = request.method !== "GET" && !request.url?.endsWith("/graphql");
    const fault = isWrite ? faults.shift() : undefined;
    const [status, body] = fault && !fault.afterwards ? [0, {}] : answer(request, sent);
    response.writeHead(fault?.status ?? status, { "content-type": "application/json", ...fault?.headers });
    response.end(JSON.stringify(fault ? { message: "as the test asked" } : body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    requests,
    faults,
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  };
}

/** Adds comments of other people. */
export function chatter({ comments }: ForgeServer, count: number): void {
  for (let i = 0; i < count; i++) comments.push({ id: comments.length + 1, body: `comment ${i}`, author: "somebody" });
}
