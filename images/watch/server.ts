import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { OperatorError } from "../../operator/errors.ts";
import type { WatchMetrics } from "./events.ts";
import type { RepositoryWatch } from "./repository-watch.ts";
import { isGenuine } from "./signatures.ts";

export interface ServerProps {
  /** `ADDRESS:PORT` */
  readonly listen: string;
  /** By name. */
  readonly repositories: ReadonlyMap<string, RepositoryWatch>;
  readonly metrics: WatchMetrics;
  /** What webhooks are signed with. @default - there are none */
  readonly webhookSecret?: string;
}

/** Forges send less, but for pushes of thousands of commits. */
const largestBodyBytes = 5 * 1024 ** 2;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

/**
 * Serves /healthz, /metrics, /status and, for webhooks, /hooks/REPOSITORY. A webhook says nothing that is believed: it only has
 * the repository asked at once.
 *
 * @throws OperatorError where nothing can listen
 */
export async function startServer(props: ServerProps): Promise<Server> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      answer(props, request).then(
        (given) => end(response, given),
        () => end(response, { status: 400, text: "the request broke off\n" }),
      );
    },
  );
  const [, host, port] = /^(.*):(\d+)$/.exec(props.listen) ?? [];
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const fix = "name another address with `listen` in the file, or end what listens there";
      reject(new OperatorError(`cannot listen at ${props.listen}`, { cause: error.message, fix }));
    });
    server.listen(Number(port), host?.replace(/^\[(.*)\]$/, "$1"), resolve);
  });
  return server;
}

async function answer(props: ServerProps, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://builder");
  const hook = /^\/hooks\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (hook !== undefined) return request.method === "POST" ? takeHook(props, hook, request) : notAllowed("POST");
  if (request.method !== "GET" && request.method !== "HEAD") return notAllowed("GET");
  const watches = [...props.repositories.values()];
  const statuses = watches.map(({ status }) => status);
  if (pathname === "/metrics") {
    return { status: 200, text: await props.metrics.text(statuses), type: props.metrics.registry.contentType };
  }
  if (pathname === "/status") return { status: 200, text: JSON.stringify(statuses), type: "application/json" };
  if (pathname !== "/healthz")
    return { status: 404, text: "there are /healthz, /metrics, /status and /hooks/REPOSITORY\n" };
  const late = watches.filter((watch) => !watch.isAlive(Date.now())).map(({ status }) => status.repository);
  return late.length === 0
    ? { status: 200, text: "ok\n" }
    : { status: 503, text: `no answer for too long from: ${late.join(", ")}\n` };
}

async function takeHook(
  { repositories, webhookSecret }: ServerProps,
  name: string,
  request: IncomingMessage,
): Promise<Answer> {
  const body = await readBody(request);
  if (body === undefined) return { status: 413, text: `at most ${largestBodyBytes} bytes\n` };
  if (webhookSecret === undefined) return { status: 404, text: "no webhookSecretFile is configured\n" };
  if (!isGenuine({ headers: request.headers, body }, webhookSecret)) {
    return { status: 401, text: "the signature is missing or wrong\n" };
  }
  const repository = repositories.get(name);
  if (!repository) return { status: 404, text: `no repository '${name}'\n` };
  if ([request.headers["x-github-event"], request.headers["x-gogs-event"]].includes("ping")) {
    return { status: 200, text: "the webhook works\n" };
  }
  repository.trigger();
  return { status: 202, text: "it will be asked now\n" };
}

/** @returns undefined for one that is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > largestBodyBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const notAllowed = (method: string): Answer => ({ status: 405, text: `${method} only\n` });

function end(response: ServerResponse, { status, text, type = "text/plain; charset=utf-8" }: Answer): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}
