import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import type { WatchMetrics } from "./events.ts";
import type { RepositoryWatch } from "./repository-watch.ts";
import { isGenuine, isSigned } from "./signatures.ts";

export interface ServerProps {
  /** `ADDRESS:PORT` */
  readonly listen: string;
  /** By name. */
  readonly repositories: ReadonlyMap<string, Pick<RepositoryWatch, "trigger" | "isAlive" | "status">>;
  readonly metrics: WatchMetrics;
  /** The secret that signs webhooks. @default - webhooks are refused */
  readonly webhookSecret?: string;
  /** How long requests may last. @default - 5 s for the head, 10 s for all of it */
  readonly limits?: typeof longest;
}

/** A webhook for a tag has a few kilobytes. One for thousands of commits may be larger: the next poll sees its tags. */
const largestBodyBytes = 1024 ** 2;

/** The limit for all bodies together: they are kept in memory before the sender is verified. */
const mostBytesAtOnce = 16 * 1024 ** 2;

/** Further connections are refused. Forges use one for each delivery. */
const mostConnections = 1_000;

/** How long the headers and the whole of a request may take. Node.js checks once a second, not every half minute. */
const longest = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  /** The allowed methods, if the request used another. */
  readonly allow?: string;
}

/**
 * Serves /healthz, /metrics, /status and, for webhooks, /hooks/REPOSITORY. The payload of a webhook is ignored:
 * it only triggers a poll.
 *
 * @throws OperatorError if it cannot listen
 */
export async function startServer(props: ServerProps): Promise<Server> {
  const readBody = bodyReader();
  const server = createServer(props.limits ?? longest, (request, response) => {
    answer({ ...props, readBody }, request).then(
      (given) => end(response, given),
      () => end(response, { status: 400, text: "the request is malformed, or broke off\n" }),
    );
  });
  server.maxConnections = mostConnections;
  const [, host, port] = /^(.*):(\d+)$/.exec(props.listen) ?? [];
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const fix = "name another address with `listen` in the file, or stop what listens there";
      reject(new OperatorError(`cannot listen at ${props.listen}`, { cause: whyOf(error), fix }));
    });
    server.listen(Number(port), host?.replace(/^\[(.*)\]$/, "$1"), resolve);
  });
  return server;
}

interface AnswerProps extends ServerProps {
  readonly readBody: BodyReader;
}

async function answer(props: AnswerProps, request: IncomingMessage): Promise<Answer> {
  const path = pathOf(request.url ?? "/");
  const hook = /^\/hooks\/([^/]+)$/.exec(path)?.[1];
  if (hook !== undefined) return request.method === "POST" ? takeHook(props, hook, request) : notAllowed("POST");
  const page = pages[path];
  if (!page) return { status: 404, text: "there are /healthz, /metrics, /status and /hooks/REPOSITORY\n" };
  return request.method === "GET" || request.method === "HEAD" ? page(props) : notAllowed("GET, HEAD");
}

/** Drops the query and extra slashes: forges append theirs to the URL that they are given. */
function pathOf(url: string): string {
  const { pathname } = new URL(url.startsWith("/") ? `http://builder${url}` : url);
  return pathname.replaceAll(/\/+/g, "/").replace(/(.)\/$/, "$1");
}

const pages: Readonly<Record<string, (props: ServerProps) => Promise<Answer>>> = {
  "/healthz": async ({ repositories }) => {
    const watches = [...repositories.values()];
    const late = watches.filter((watch) => !watch.isAlive(Date.now())).map(({ status }) => status.repository);
    return late.length === 0
      ? { status: 200, text: "ok\n" }
      : { status: 503, text: `no answer for too long from: ${late.join(", ")}\n` };
  },
  "/metrics": async ({ repositories, metrics }) => ({
    status: 200,
    text: await metrics.text(statusesOf(repositories)),
    type: metrics.registry.contentType,
  }),
  "/status": async ({ repositories }) => ({
    status: 200,
    text: JSON.stringify(statusesOf(repositories)),
    type: "application/json",
  }),
};

const statusesOf = (repositories: ServerProps["repositories"]) =>
  [...repositories.values()].map(({ status }) => status);

async function takeHook(
  { repositories, webhookSecret, readBody }: AnswerProps,
  name: string,
  request: IncomingMessage,
): Promise<Answer> {
  const { headers } = request;
  const body = await readBody(request);
  if (body === "too large") return { status: 413, text: `at most ${largestBodyBytes} bytes\n` };
  if (body === "no room") return { status: 503, text: "too many webhooks at once\n" };
  if (webhookSecret === undefined) return { status: 404, text: "no webhookSecretFile is configured\n" };
  const isBitbucketPing = headers["x-event-key"] === "diagnostics:ping";
  if (isBitbucketPing && !isSigned({ headers })) {
    // Bitbucket does not sign its pings.
    return { status: 200, text: "the watch is reached; a ping without a signature proves no more\n" };
  }
  if (!isGenuine({ headers, body }, webhookSecret)) return { status: 401, text: "the signature is missing or wrong\n" };
  const repository = repositories.get(name);
  if (!repository) return { status: 404, text: `no repository '${name}'\n` };
  if (isBitbucketPing || [headers["x-github-event"], headers["x-gogs-event"]].includes("ping")) {
    return { status: 200, text: "the webhook works\n" };
  }
  repository.trigger();
  return { status: 202, text: "the repository is polled now\n" };
}

type BodyReader = (request: IncomingMessage) => Promise<Buffer | "too large" | "no room">;

/** Reads bodies, which all share one memory limit. */
function bodyReader(): BodyReader {
  let bytesOfAll = 0;
  return async (request) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        bytes += part.length;
        bytesOfAll += part.length;
        if (bytes > largestBodyBytes) return "too large";
        if (bytesOfAll > mostBytesAtOnce) return "no room";
        parts.push(part);
      }
      return Buffer.concat(parts);
    } finally {
      bytesOfAll -= bytes;
    }
  };
}

const notAllowed = (allow: string): Answer => ({ status: 405, text: `${allow} only\n`, allow });

function end(response: ServerResponse, { status, text, type = "text/plain; charset=utf-8", allow }: Answer): void {
  const headers = {
    ...{ "content-type": type, "cache-control": "no-store" },
    ...(allow === undefined ? {} : { allow }),
    // The rest of a refused body may still be on its way.
    ...(status === 413 || status === 503 ? { connection: "close" } : {}),
  };
  response.writeHead(status, headers).end(text);
}
