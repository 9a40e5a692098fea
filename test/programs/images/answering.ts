import { execFileSync } from "node:child_process";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { write } from "../files.ts";

/** Servers that answer as a test needs, each on its own port. */
export class AnsweringServers {
  private readonly servers: Server[] = [];

  /** @returns `127.0.0.1:PORT` */
  async start(answer: RequestListener, tls?: { readonly key: string; readonly cert: string }): Promise<string> {
    const server = tls ? createSecureServer(tls, answer) : createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.servers.push(server);
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

/** The registry's error codes. Other statuses come from whatever is in front of it, with a page. */
const codes: Readonly<Record<number, string>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "NAME_UNKNOWN",
  429: "TOOMANYREQUESTS",
};

function refuse(response: ServerResponse, status: number): void {
  const code = codes[status];
  // Without this, programs would wait for minutes.
  if (status === 429) response.setHeader("retry-after", "0");
  if (code === undefined) response.writeHead(status, { "content-type": "text/html" }).end("<h1>no</h1>\n");
  else {
    const errors = [{ code, message: "words of the registry" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
  }
}

/** A registry that answers everything with a status. */
export const refusing =
  (status: number): RequestListener =>
  (request, response) => {
    request.resume();
    refuse(response, status);
  };

/** An empty registry that refuses writes with a status. */
export const refusingToStore =
  (status: number): RequestListener =>
  (request, response) => {
    request.resume();
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (request.url === "/v2/") response.end("{}");
    else refuse(response, isRead ? 404 : status);
  };

/** A registry that works, but answers every read with a status. */
export const refusingToRead =
  (status: number): RequestListener =>
  (request, response) => {
    if (request.url === "/v2/") response.end("{}");
    else refuse(response, status);
  };

export interface Issued {
  readonly key: string;
  readonly cert: string;
}

/** An authority in a folder. */
export class TestAuthority {
  /** Its certificate. */
  readonly file: string;
  private readonly key: string;
  private count = 0;

  constructor(
    private readonly folder: string,
    name: string,
  ) {
    this.file = join(folder, `${name}.crt`);
    this.key = join(folder, `${name}.key`);
    openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, "-keyout", this.key, "-out", this.file);
  }

  /** @param address that the certificate is for */
  issue(address: string, { days }: { readonly days: number }): Issued {
    const base = join(this.folder, `server-${++this.count}`);
    const names = write(`${base}.ext`, `subjectAltName=IP:${address}\n`);
    openssl("req", ...newKey, "-subj", "/CN=server", "-keyout", `${base}.key`, "-out", `${base}.csr`);
    const signer = ["-CA", this.file, "-CAkey", this.key, "-CAcreateserial", "-extfile", names];
    const cert = openssl("x509", "-req", "-in", `${base}.csr`, ...signer, "-days", String(days));
    return { key: openssl("pkey", "-in", `${base}.key`), cert };
  }
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

const openssl = (...args: string[]) =>
  execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
