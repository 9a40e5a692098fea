import { createHash } from "node:crypto";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

/** A registry's address and login. */
export interface Target {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
  /** Certificate to trust, and the name in the registry's own. */
  readonly ca?: Buffer;
  readonly servername?: string;
  /** `user:password`. */
  readonly auth: string;
  /** A request ends after a silence longer than this. */
  readonly patienceMs: number;
}

export interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Digest of the body. */
  readonly digest: string;
}

/** A kept-alive connection, or a new one for each request. */
export type Connection = HttpAgent | false;

export const keptConnection = ({ protocol }: Target): HttpAgent =>
  new (protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });

/**
 * Sends a request and reads the whole answer.
 *
 * @param connection the server may close a kept-alive one just as we use it again. Like every client, we then repeat a read
 *   once.
 * @throws if there was no complete answer
 */
export async function send(target: Target, connection: Connection, request: Request): Promise<Answer> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  try {
    return await sendOnce(target, connection, request);
  } catch (error) {
    if (!(isRead && error instanceof StaleConnection)) throw error;
    return sendOnce(target, connection, request);
  }
}

const leastBytesPerMs = 1_000;

class StaleConnection extends Error {}

function sendOnce(target: Target, agent: Connection, request: Request): Promise<Answer> {
  const { protocol, host, port, ca, servername, auth, patienceMs } = target;
  const { method, path, body } = request;
  return new Promise((resolve, reject) => {
    const length = body ? { "content-length": String(body.length), "content-type": "application/octet-stream" } : {};
    const outgoing = (protocol === "https:" ? requestHttps : requestHttp)({
      ...{ protocol, host, port, ca, servername, auth, agent, method, path },
      headers: { ...length, ...request.headers },
    });
    // Node's own timeout counts twice during a TLS handshake. Sending a large body may take a while.
    const limitMs = patienceMs + (body?.length ?? 0) / leastBytesPerMs;
    const impatience = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${(limitMs / 1_000).toFixed(0)} s`)),
      limitMs,
    );
    outgoing.on("close", () => clearTimeout(impatience));
    let answered = false;
    outgoing.on("response", (incoming) => {
      answered = true;
      const parts: Buffer[] = [];
      const hash = createHash("sha256");
      incoming.on("data", (part: Buffer) => {
        impatience.refresh();
        parts.push(part);
        hash.update(part);
      });
      // Also if the connection ends before the announced length has arrived.
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(parts),
          digest: `sha256:${hash.digest("hex")}`,
        }),
      );
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = outgoing.reusedSocket && !answered && error.code === "ECONNRESET";
      reject(isStale ? new StaleConnection(error.message) : error);
    });
    outgoing.end(body);
  });
}
