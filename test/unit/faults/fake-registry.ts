import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../../faults/http.ts";
import { digestOf } from "../../faults/images.ts";

/** How a registry behaves: a good one without any of these, and without mischief when it redirects. */
export interface Mischief {
  /** Sends who wants a blob to storage, which wants to hear nothing of passwords. */
  readonly redirects?: boolean;
  /** Acknowledges manifests, and forgets them. */
  readonly losesManifests?: boolean;
  readonly losesBlobs?: boolean;
  /** Sends a blob with one bit turned. */
  readonly flipsBits?: boolean;
  /** Sends half of a blob, and says that this is all. */
  readonly truncates?: boolean;
  /** Gives the first manifest that a tag ever had. */
  readonly neverMovesTags?: boolean;
  /** Closes the connection instead of answering the push of a manifest, which it keeps. */
  readonly cutsAnswers?: boolean;
}

/** A registry in this process, as much of one as the clients of a trial need. */
export class FakeRegistry {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #blobs = new Map<string, Buffer>();
  readonly #tags = new Map<string, Buffer>();
  readonly #uploads = new Map<string, Buffer[]>();

  #origin = "";

  constructor(private readonly mischief: Mischief = {}) {}

  async start(): Promise<Target> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.#origin = `http://127.0.0.1:${port}`;
    return { protocol: "http:", host: "127.0.0.1", port, auth: "user:password", patienceMs: 2_000 };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? "", "http://registry");
    const [, repository = "", kind, name = ""] =
      /^\/v2\/(.+)\/(manifests|blobs|blobs\/uploads)\/([^/]*)$/.exec(url.pathname) ?? [];
    const answer = (status: number, headers = {}, body?: Buffer) => response.writeHead(status, headers).end(body);
    const body = Buffer.concat(parts);
    const [, stored] = /^\/storage\/(.+)$/.exec(url.pathname) ?? [];
    // Like a network, so that operations overlap.
    await sleep(1);
    if (stored) this.#stored(request, stored, answer);
    else if (request.headers.authorization !== `Basic ${Buffer.from("user:password").toString("base64")}`) answer(401);
    else if (kind === "manifests") this.#manifest(request, `${repository}:${name}`, body, answer);
    else if (kind === "blobs") this.#blob(name, answer);
    else this.#upload(request, name, url.searchParams.get("digest") ?? "", body, answer);
  }

  #manifest(request: IncomingMessage, tag: string, body: Buffer, answer: Answer): void {
    if (request.method === "GET") {
      const found = this.#tags.get(tag);
      if (found) answer(200, { "docker-content-digest": digestOf(found) }, found);
      else answer(404);
      return;
    }
    const kept = this.mischief.neverMovesTags && this.#tags.has(tag);
    if (!this.mischief.losesManifests && !kept) this.#tags.set(tag, body);
    // As a real one: by its digest too.
    if (!this.mischief.losesManifests) this.#tags.set(`${tag.slice(0, tag.lastIndexOf(":"))}:${digestOf(body)}`, body);
    if (this.mischief.cutsAnswers) request.socket.destroy();
    else answer(201);
  }

  #blob(digest: string, answer: Answer): void {
    const found = this.#blobs.get(digest);
    if (!found) answer(404);
    else if (this.mischief.redirects) answer(307, { location: `${this.#origin}/storage/${digest}` });
    else if (this.mischief.flipsBits)
      answer(200, {}, Buffer.from(found.map((byte, index) => (index === 0 ? byte ^ 1 : byte))));
    else if (this.mischief.truncates) answer(200, {}, found.subarray(0, found.length / 2));
    else answer(200, {}, found);
  }

  #stored({ headers }: IncomingMessage, digest: string, answer: Answer): void {
    if (headers.authorization) answer(400);
    else answer(200, {}, this.#blobs.get(digest));
  }

  #upload({ method }: IncomingMessage, id: string, digest: string, body: Buffer, answer: Answer): void {
    if (method === "POST") {
      const started = String(this.#uploads.size);
      this.#uploads.set(started, []);
      answer(202, { location: `/v2/r/blobs/uploads/${started}` });
      return;
    }
    const upload = this.#uploads.get(id);
    upload?.push(body);
    if (!upload) answer(404);
    else if (method === "PATCH") answer(202, { location: `/v2/r/blobs/uploads/${id}` });
    else if (digestOf(Buffer.concat(upload)) !== digest) answer(400);
    else {
      if (!this.mischief.losesBlobs) this.#blobs.set(digest, Buffer.concat(upload));
      answer(201);
    }
  }
}

type Answer = (status: number, headers?: Record<string, string>, body?: Buffer) => unknown;
