import type { Completed } from "./history.ts";
import { type Connection, type Request, send, type Target } from "./http.ts";
import { type Blob, blobsOf, type Image, manifestType, type Tag } from "./images.ts";

/** How an operation ended, without its time and client. */
export type Outcome = Pick<Completed, "result" | "bytes" | "manifest" | "error">;

/** A client of a registry. It never retries, so that failures count even if a user's client would hide them by a retry. */
export class Client {
  constructor(
    private readonly target: Target,
    private readonly connection: Connection,
  ) {}

  /** Pushes an image, without blobs that the registry has. @param chunks for each layer; 1 means not chunked. */
  async push(image: Image, chunks: number): Promise<Outcome> {
    let bytes = 0;
    try {
      for (const blob of blobsOf(image)) bytes += await this.#pushBlob(image.repository, blob, chunks);
    } catch (error) {
      return { result: "failed", bytes, error: messageOf(error) };
    }
    return { bytes: bytes + image.manifest.length, ...(await this.#pushManifest(image)) };
  }

  /** Pulls the image that a tag names, and checks each digest. */
  async pull({ repository, tag }: Tag): Promise<Outcome> {
    let bytes = 0;
    let manifest: string | undefined;
    try {
      const read = await this.#read(`/v2/${repository}/manifests/${tag}`, { accept: manifestType });
      manifest = read.digest;
      bytes += read.body.length;
      if (read.headers["docker-content-digest"] !== manifest)
        throw new Unusual(
          "wrong",
          `manifest ${tag}: announced ${read.headers["docker-content-digest"]}, got ${manifest}`,
        );
      for (const digest of blobsNamedBy(read.body)) bytes += await this.#pullBlob(repository, digest);
      return { result: "ok", bytes, manifest };
    } catch (error) {
      return { result: error instanceof Unusual ? error.result : "failed", bytes, manifest, error: messageOf(error) };
    }
  }

  async #pushBlob(repository: string, { digest, size, bytes }: Blob, chunks: number): Promise<number> {
    const found = await this.#send({ method: "HEAD", path: `/v2/${repository}/blobs/${digest}` });
    if (found.status === 200) return 0;
    if (found.status !== 404) throw new Error(`HEAD of a blob answered ${found.status}`);
    const body = bytes();
    const started = await this.#send({ method: "POST", path: `/v2/${repository}/blobs/uploads/` }, 202);
    let location = pathOf(started.headers.location);
    if (chunks > 1) {
      for (const [first, last] of rangesOf(size, chunks)) {
        const chunk = body.subarray(first, last + 1);
        const headers = { "content-range": `${first}-${last}` };
        const sent = await this.#send({ method: "PATCH", path: location, headers, body: chunk }, 202);
        location = pathOf(sent.headers.location);
      }
    }
    const separator = location.includes("?") ? "&" : "?";
    const path = `${location}${separator}digest=${encodeURIComponent(digest)}`;
    await this.#send({ method: "PUT", path, body: chunks > 1 ? Buffer.alloc(0) : body }, 201);
    return size;
  }

  async #pushManifest({ repository, tag, manifest }: Image): Promise<Pick<Outcome, "result" | "error">> {
    const headers = { "content-type": manifestType };
    try {
      const answer = await this.#send({
        method: "PUT",
        path: `/v2/${repository}/manifests/${tag}`,
        headers,
        body: manifest,
      });
      if (answer.status === 201) return { result: "ok" };
      const error = `PUT of a manifest answered ${answer.status}: ${answer.body.toString().slice(0, 200)}`;
      // After a server error, the request may have taken effect.
      return { result: answer.status >= 500 ? "unknown" : "failed", error };
    } catch (error) {
      return { result: "unknown", error: `PUT of a manifest: ${messageOf(error)}` };
    }
  }

  async #pullBlob(repository: string, digest: string): Promise<number> {
    const read = await this.#read(`/v2/${repository}/blobs/${digest}`);
    if (read.digest !== digest)
      throw new Unusual("wrong", `blob ${digest}: got ${read.body.length} bytes of ${read.digest}`);
    return read.body.length;
  }

  async #read(path: string, headers: Record<string, string> = {}) {
    const answer = await this.#send({ method: "GET", path, headers });
    if (answer.status === 404)
      throw new Unusual("missing", `${path} answered 404: ${answer.body.toString().slice(0, 200)}`);
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}`);
    return answer;
  }

  async #send(request: Request, expected?: number) {
    const answer = await send(this.target, this.connection, request);
    if (expected !== undefined && answer.status !== expected)
      throw new Error(`${request.method} of a blob answered ${answer.status}: ${answer.body.toString().slice(0, 200)}`);
    return answer;
  }
}

/** An answer that no fault can excuse. */
class Unusual extends Error {
  constructor(
    readonly result: "wrong" | "missing",
    message: string,
  ) {
    super(message);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Digests of the blobs that a manifest names, each once. */
function blobsNamedBy(manifest: Buffer): string[] {
  const { config, layers } = JSON.parse(manifest.toString()) as Record<"config", { digest: string }> &
    Record<"layers", { digest: string }[]>;
  return [...new Set([config, ...layers].map(({ digest }) => digest))];
}

/** First and last byte of each piece. */
function rangesOf(size: number, pieces: number): [number, number][] {
  const step = Math.ceil(size / pieces);
  return Array.from({ length: Math.ceil(size / step) }, (_, index) => [
    index * step,
    Math.min(size, (index + 1) * step) - 1,
  ]);
}

/** Where the upload continues, as a path: the host of the registry's answer does not count. */
const pathOf = (location: string | undefined) => String(location).replace(/^https?:\/\/[^/]+/, "");
