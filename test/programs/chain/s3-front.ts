import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A request to S3. */
export interface S3Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** The TLS end of S3. It records every request, and can misbehave towards those for the bytes of a blob. */
export interface S3Front {
  readonly port: number;
  /** All requests, by anybody. */
  readonly requests: S3Request[];
  /** Requests for the bytes of a blob, by anybody. */
  readonly blobRequests: S3Request[];
  /** Breaks off the next answers after this many bytes. */
  cutAfterBytes?: number;
  /** Answers with this status instead. */
  refuseWith?: number;
  /** Answers with these headers too. */
  headers?: Readonly<Record<string, string>>;
  /** Closes the connection instead of answering. */
  hangsUp?: boolean;
  /** Answers wait for this half-way. */
  hold?: Promise<void>;
  stop(): Promise<void>;
}

export async function startS3Front(pem: string, backendPort: number): Promise<S3Front> {
  const text = readFileSync(pem);
  const server = createServer({ key: text, cert: text });
  const front: S3Front = {
    port: 0,
    requests: [],
    blobRequests: [],
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  server.on("request", (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const path = url.split("?")[0] as string;
    const isSigned = url.includes("X-Amz-Signature=");
    front.requests.push({ method, path, headers });
    if (isSigned) front.blobRequests.push({ method, path, headers });
    if (isSigned && front.hangsUp) {
      outgoing.destroy();
      return;
    }
    if (isSigned && front.refuseWith) {
      outgoing.writeHead(front.refuseWith, front.headers).end("<Error><Code>AccessDenied</Code></Error>");
      return;
    }
    const onward = request({ port: backendPort, host: "127.0.0.1", path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(isSigned ? front.headers : {}) });
      if (isSigned) void passOn(answer, outgoing, front);
      else answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(front, { port: (server.address() as AddressInfo).port });
}

async function passOn(answer: IncomingMessage, outgoing: ServerResponse, front: S3Front): Promise<void> {
  const { cutAfterBytes = Number.POSITIVE_INFINITY } = front;
  let sent = 0;
  const misbehave = new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      this.push(chunk.subarray(0, cutAfterBytes - sent));
      sent += chunk.length;
      await front.hold;
      // After everything sent so far has left.
      if (sent > cutAfterBytes) setTimeout(() => outgoing.destroy(), 100);
      else done();
    },
  });
  await pipeline(answer, misbehave, outgoing).catch(() => outgoing.destroy());
}
