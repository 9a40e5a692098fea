import { createHash } from "node:crypto";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OperatorError } from "../common/errors.ts";
import { whyOf } from "../common/foreign-errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { readJson } from "../common/json.ts";
import { isLoopback } from "../common/loopback.ts";
import { type Retries, withRetries } from "../common/retries.ts";
import { meaningOf } from "../common/system-errors.ts";
import { withoutLogin } from "../common/url-logins.ts";
import type { ImageName } from "../config/image-name.ts";
import { fixForStatus, isPassing } from "./refusals.ts";
import { authorities } from "./trust.ts";

export interface RegistryProps {
  readonly name: ImageName;
  /** `user:password` */
  readonly login?: string;
  /** Certificates to trust besides those that this machine trusts. */
  readonly caFile?: string;
}

/** An image's manifest, byte for byte. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

/** A blob of an image. */
export interface Part {
  readonly digest: string;
  readonly bytes: number;
  readonly content: () => Readable;
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Half a minute in total: longer than a short outage of S3 or a registry. */
export const registryRetries: Retries = { attempts: 7, firstPause: 0.5, longestPause: 16 };

const answerMs = 30_000;
/** A registry sends nothing while it finishes a large upload, which takes long. */
const uploadMs = 900_000;
const largestAnswerBytes = 8 * 1024 ** 2;

/** The part of the registry API that finds, uploads and tags images. */
export class Registry {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;
  /** Whether to trust it without a certificate, or even TLS, as Docker does for a registry on the same machine. */
  private readonly isTrusted: boolean;
  private scheme: "https" | "http" = "https";
  /** A registry that has never answered is not retried: its name is more likely misspelt than it is down for a moment. */
  private hasAnswered = false;

  constructor(private readonly props: RegistryProps) {
    const { name, login, caFile } = props;
    this.isTrusted = caFile === undefined && isLoopback(name.host);
    const ca = authorities(caFile);
    this.agent = new Agent({ keepAlive: true, maxSockets: 1, ca, rejectUnauthorized: !this.isTrusted });
    this.headers = login ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : {};
  }

  close(): void {
    this.agent.destroy();
  }

  /** @returns undefined where there is no such image. */
  async manifest(reference: string): Promise<Manifest | undefined> {
    return this.retried(() => this.manifestNow(reference));
  }

  private async manifestNow(reference: string): Promise<Manifest | undefined> {
    const answer = await this.ask("GET", `manifests/${reference}`, { accept: manifestTypes });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.refused(`asking for ${reference}`, answer);
    if (!readJson(answer.body)) throw this.noRegistry(answer);
    return {
      digest: digestOf(answer.body),
      mediaType: answer.headers["content-type"] ?? "",
      text: answer.body.toString(),
    };
  }

  /** The labels of an image; for several platforms, those of the first. */
  async labels(manifest: Manifest): Promise<Readonly<Record<string, string>>> {
    const content = JSON.parse(manifest.text) as ManifestContent;
    const [platform] =
      content.manifests?.filter(({ annotations }) => !annotations?.["vnd.docker.reference.type"]) ?? [];
    if (platform) {
      const inner = await this.manifest(platform.digest);
      return inner ? this.labels(inner) : {};
    }
    if (!content.config) return {};
    const config = await this.blob(content.config.digest);
    // artifacts other than images may have any config
    return readJson<{ config?: { Labels?: Record<string, string> | null } }>(config)?.config?.Labels ?? {};
  }

  /** Tags an image whose parts the registry already has. */
  async tag(tag: string, { mediaType, text }: Manifest): Promise<void> {
    await this.retried(async () => {
      const answer = await this.ask("PUT", `manifests/${tag}`, { "content-type": mediaType }, text);
      if (answer.status !== 201) throw this.refused(`tagging ${tag}`, answer);
    });
  }

  /** Uploads a part of an image, unless the registry has it. */
  async upload(part: Part): Promise<void> {
    return this.retried(() => this.uploadNow(part));
  }

  /** A broken upload starts over: resuming is not worth another request. */
  private async uploadNow({ digest, bytes, content }: Part): Promise<void> {
    const { status } = await this.ask("HEAD", `blobs/${digest}`, {});
    if (status >= 200 && status < 400) return;
    const begun = await this.ask("POST", "blobs/uploads/", { "content-length": "0" });
    const { location } = begun.headers;
    if (begun.status !== 202 || location === undefined) throw this.refused(`uploading ${digest}`, begun);
    const { url, headers } = this.follow(location);
    url.searchParams.set("digest", digest);
    const typed = { ...headers, "content-type": "application/octet-stream", "content-length": String(bytes) };
    const ended = await this.send("PUT", url, typed, content());
    if (ended.status !== 201) throw this.refused(`uploading ${digest}`, ended);
  }

  private async blob(digest: string): Promise<string> {
    return this.retried(() => this.blobNow(digest));
  }

  private async blobNow(digest: string): Promise<string> {
    const asked = await this.ask("GET", `blobs/${digest}`, {});
    const { location } = asked.headers;
    const isElsewhere = [301, 302, 303, 307, 308].includes(asked.status) && location !== undefined;
    const answer = isElsewhere ? await this.fetchFrom(location) : asked;
    if (answer.status !== 200) throw this.refused(`reading ${digest}`, answer);
    if (digestOf(answer.body) !== digest) {
      throw new OperatorError(`the registry ${this.props.name.host} sent the wrong content`, {
        cause: `${digest} of ${this.props.name.path} has the digest ${digestOf(answer.body)}`,
        fix: "see the logs of the registry and of what is in front of it",
      });
    }
    return answer.body.toString();
  }

  private retried<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(
      attempt,
      (error) => (this.hasAnswered && error instanceof TransientError ? 0 : undefined),
      registryRetries,
    );
  }

  private fetchFrom(location: string): Promise<Answer> {
    const { url, headers } = this.follow(location);
    return this.send("GET", url, headers);
  }

  /** Resolves a redirect, and picks its headers: the login goes only to the registry's own scheme, host and port. */
  private follow(location: string): { url: URL; headers: Readonly<Record<string, string>> } {
    const { host } = this.props.name;
    const own = new URL(`${this.scheme}://${host}`);
    const url = URL.canParse(location, own.href) ? new URL(location, own) : undefined;
    // A registry behind a proxy that terminates TLS may not know that clients use TLS.
    if (url?.host === own.host) url.protocol = own.protocol;
    if (url?.origin === own.origin) return { url, headers: this.headers };
    if (url?.protocol === "https:" || (url?.protocol === "http:" && this.isTrusted)) return { url, headers: {} };
    throw new OperatorError(`the registry ${host} redirects to a place without TLS`, {
      cause: withoutLogin(location),
      fix: "correct the registry's public address in its config",
    });
  }

  private async ask(method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> {
    const { host, path: name } = this.props.name;
    const send = () =>
      this.send(method, new URL(`${this.scheme}://${host}/v2/${name}/${path}`), { ...headers, ...this.headers }, body);
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof NoTlsError) || !this.isTrusted) throw error;
      this.scheme = "http";
      return send();
    }
  }

  private send(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body: string | Readable = "",
  ): Promise<Answer> {
    const timeout = typeof body === "string" ? answerMs : uploadMs;
    return new Promise<Answer>((resolve, reject) => {
      const options = { method, headers, timeout, signal: interrupted };
      const call =
        url.protocol === "http:" ? plainRequest(url, options) : request(url, { ...options, agent: this.agent });
      call.on("timeout", () => call.destroy(new Error(`no answer within ${timeout / 1000} s`)));
      call.on("response", (response) => {
        this.hasAnswered = true;
        readAnswer(response).then(resolve, reject);
      });
      call.on("error", reject);
      if (typeof body === "string") call.end(body);
      else pipeline(body, call).catch(reject);
    }).catch((error: NodeJS.ErrnoException) => {
      throw interrupted.aborted ? error : unreachable(url, error);
    });
  }

  private noRegistry({ headers }: Answer): OperatorError {
    const { host } = this.props.name;
    return new OperatorError(`what answers at ${host} is not a registry`, {
      cause: `asked for an image, it sent ${withoutLogin(headers["content-type"] ?? "something else")}`,
      fix: "check the host and port: a login page or another service may be there",
    });
  }

  private refused(doing: string, { status, body }: Answer): OperatorError {
    const { host, path } = this.props.name;
    const words = /"message":\s*"([^"]*)"/.exec(body.toString())?.[1];
    const kind = isPassing(status) ? TransientError : OperatorError;
    return new kind(`the registry refuses: ${doing} of ${host}/${path}`, {
      cause: `status ${status}${words ? `: ${words}` : ""}`,
      fix: fixForStatus(status, host),
    });
  }
}

/** A failure that may be temporary. */
class TransientError extends OperatorError {}

/** What answers there does not speak TLS. */
class NoTlsError extends OperatorError {}

interface ManifestContent {
  readonly config?: { readonly digest: string };
  readonly manifests?: readonly { readonly digest: string; readonly annotations?: Record<string, string> }[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const digestOf = (body: Buffer) => `sha256:${createHash("sha256").update(body).digest("hex")}`;

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > largestAnswerBytes) throw new Error(`an answer of more than ${largestAnswerBytes} bytes`);
    parts.push(part);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
}

function unreachable(url: URL, error: NodeJS.ErrnoException): OperatorError {
  const what = `cannot reach the registry ${url.host}`;
  const { code = "", message } = error;
  if (/wrong version number|packet length too long/i.test(message)) {
    const fix = "check the port; without TLS, only a registry on this machine is trusted, and without --ca-file";
    return new NoTlsError(what, { cause: "it does not speak TLS", fix });
  }
  const details = certificateFault(url, error);
  if (details) return new OperatorError(what, details);
  const kind = /^(EPROTO|ERR_SSL|ENOTFOUND)/.test(code) ? OperatorError : TransientError;
  const fix = meaningOf(code)?.fix ?? "check the host and port, and that the registry works: its log may help";
  return new kind(what, { cause: code === "EPROTO" ? "TLS fails" : (meaningOf(code)?.problem ?? whyOf(error)), fix });
}

/** @returns undefined if the certificate is not the problem */
function certificateFault(
  { hostname }: URL,
  { code = "", cert }: NodeJS.ErrnoException & { readonly cert?: { readonly subjectaltname?: string } },
): { readonly cause: string; readonly fix: string } | undefined {
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    const cause = `its certificate ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}`;
    return { cause, fix: "check this machine's clock; if it is right, renew the certificate of the registry" };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      cause: `its certificate is not for ${hostname}, but for ${cert?.subjectaltname ?? "another name"}`,
      fix: "use a name that the certificate has, or have one made for this name",
    };
  }
  if (!/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return undefined;
  const cause = "its certificate is from an authority that is not trusted here";
  return { cause, fix: "give the certificate of its authority with --ca-file" };
}
