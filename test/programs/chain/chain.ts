import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request as requestPlainly,
  type Server,
} from "node:http";
import { type Agent, request } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { execa, type ResultPromise } from "execa";
import { withUser } from "../../../access/users.ts";
import { checkout } from "../../../common/checkout.ts";
import type { ClusterConfig } from "../../../config/schema.ts";
import { exampleTree, fileOf } from "../../unit/templates/example.ts";
import { write } from "../files.ts";
import { freePort } from "../moto.ts";
import {
  bareRegistryConfig,
  bucketHostOf,
  type ChainPorts,
  haproxyConfig,
  makeCertificate,
  nginxConfig,
  registryConfig,
} from "./files.ts";
import { runHaproxy, runNginx, runNginxOnSmallDisk, runRegistry, runS3, untilListening } from "./programs.ts";
import { startResolver } from "./resolver.ts";
import { type S3Front, startS3Front } from "./s3-front.ts";

const user = "ci";
const rightPassword = "correct";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Empty for no login at all. @default - the right one */
  readonly password?: string;
  /** Keeps connections open. @default - each call has its own */
  readonly agent?: Agent;
  /** Whether to ask nginx itself, as HAProxy of another proxy does. */
  readonly fromOtherProxy?: boolean;
}

export interface ChainOptions {
  readonly config?: (config: ClusterConfig) => Partial<ClusterConfig>;
  /** Changes nginx.conf if a test cannot wait for a configured time, or fill a configured size. */
  readonly nginxConf?: (text: string) => string;
  /** Gives nginx a cache on its own disk, of this size in MiB. */
  readonly cacheDiskMib?: number;
  /** Whether there is a third registry, without a proxy: see `askBare`. */
  readonly bare?: boolean;
  /** Replaces both registries, to give answers that they would not give. */
  readonly registry?: RequestListener;
}

interface Parts {
  readonly folder: string;
  readonly ports: ChainPorts;
  readonly s3: S3Front;
  readonly elsewhere: S3Front;
  /** None if another program replaces them. */
  readonly registries: readonly ResultPromise[];
  readonly haproxy: ResultPromise;
  readonly startNginx: () => ResultPromise;
  readonly stopOthers: () => Promise<unknown>;
}

/** The path of a pull, with the real programs and the rendered files: proxy-1's HAProxy and nginx, two registries, an S3 server. */
export class Chain {
  readonly s3: S3Front;
  /** Another server, with a certificate that nginx trusts. Nothing should ever reach it. */
  readonly elsewhere: S3Front;
  private readonly parts: Parts;
  private nginx: ResultPromise;

  private constructor(parts: Parts, nginx: ResultPromise) {
    this.s3 = parts.s3;
    this.elsewhere = parts.elsewhere;
    this.parts = parts;
    this.nginx = nginx;
  }

  static async start({
    config: change = () => ({}),
    nginxConf = (text) => text,
    cacheDiskMib,
    registry,
    bare,
  }: ChainOptions = {}) {
    const folder = mkdtempSync(join(tmpdir(), "chain-"));
    // nginx's workers may be another user.
    chmodSync(folder, 0o755);
    for (const name of ["s3/registry-example-internal", "sidecar", "cache"])
      mkdirSync(join(folder, name), { recursive: true });
    write(join(folder, "htpasswd"), await withUser("", user, rightPassword));
    const pem = await makeCertificate(folder);
    const tree = exampleTree(change);

    const s3Port = await freePort();
    const s3Server = runS3(folder, s3Port);
    await untilListening(s3Port);
    const [s3, elsewhere] = [await startS3Front(pem, s3Port), await startS3Front(pem, s3Port)];
    const resolver = await startResolver();
    const ports = { ...(await freePorts()), s3: s3.port, resolver: resolver.address().port };

    const config = (number: 0 | 1) => {
      const text = fileOf(tree, `registry-${number + 1}`, "/etc/distribution/config.yml");
      return registryConfig(text, folder, ports.registries[number], ports.s3);
    };
    const registries = registry
      ? []
      : ([0, 1] as const).map((number) => runRegistry(write(join(folder, `${number}.yml`), config(number)), pem));
    const bareConfig = bareRegistryConfig(config(0), ports.registries[0], ports.bare);
    if (bare) registries.push(runRegistry(write(join(folder, "bare.yml"), bareConfig), pem));
    const standIns = registry ? ports.registries.map((port) => startStandIn(registry, port)) : [];
    const entry = haproxyConfig(fileOf(tree, "proxy-1", "/etc/haproxy/haproxy.cfg"), ports);
    const text = nginxConfig(nginxConf(fileOf(tree, "proxy-1", "/etc/nginx/nginx.conf")), folder, ports);
    // The namespace with its own disk has no other user.
    const ownUser = cacheDiskMib ? text.replace("user www-data;", "user root;") : text;
    const file = write(join(folder, "nginx.conf"), ownUser);
    const startNginx = () =>
      cacheDiskMib
        ? runNginxOnSmallDisk(file, join(folder, "cache"), cacheDiskMib, join(folder, "disk-full"))
        : runNginx(file);
    const nginx = startNginx();
    await Promise.all([...ports.registries, ports.l7, ...(bare ? [ports.bare] : [])].map(untilListening));
    // Last, because it skips servers that do not answer yet, and closes their connections.
    const haproxy = runHaproxy(write(join(folder, "haproxy.cfg"), entry));
    await untilListening(ports.https);
    const stopOthers = async () => {
      resolver.close();
      for (const standIn of standIns) {
        standIn.closeAllConnections();
        standIn.close();
      }
      await Promise.all([s3.stop(), elsewhere.stop()]);
      await ended([haproxy, ...registries, s3Server]);
    };
    return new Chain({ folder, ports, s3, elsewhere, registries, haproxy, startNginx, stopOthers }, nginx);
  }

  async stop(): Promise<void> {
    await ended([this.nginx]);
    await this.parts.stopOthers();
    rmSync(this.parts.folder, { recursive: true, force: true });
  }

  /** Kills both registries without warning. */
  async killRegistries(): Promise<void> {
    for (const registry of this.parts.registries) registry.kill("SIGKILL");
    await Promise.all(this.parts.registries);
  }

  killHaproxy(): void {
    this.parts.haproxy.kill("SIGKILL");
  }

  /** Sends a signal to one registry. */
  signalRegistry(number: 0 | 1, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
    this.parts.registries[number]?.kill(signal);
  }

  /** Resolves when all requests go to new workers. */
  async reloadNginx(): Promise<void> {
    const old = await this.nginxWorkers();
    this.nginx.kill("SIGHUP");
    while ((await this.nginxWorkers()).some((worker) => old.includes(worker))) await sleep(50);
  }

  /** Reloads nginx as its unit does. */
  async reloadNginxGently(): Promise<void> {
    const script = join(checkout, "salt", "nginx", "files", "gentle-reload");
    const env = { MAINPID: String(this.nginx.pid) };
    await execa("bash", [script, "nginx", "HUP", join(this.parts.folder, "closing")], { env });
  }

  async restartNginx(): Promise<void> {
    await ended([this.nginx]);
    this.nginx = this.parts.startNginx();
    await untilListening(this.parts.ports.l7);
  }

  /** Sends a request through the proxy. @throws if the answer breaks off. */
  ask(
    method: string,
    path: string,
    { headers = {}, body, password = rightPassword, fromOtherProxy = false, agent }: Call = {},
  ): Promise<Answer> {
    const login = password && { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
    const ca = readFileSync(join(this.parts.folder, "certificate.pem"));
    const where = { host: "127.0.0.1", port: this.parts.ports.https, servername: "registry.example.internal", ca };
    const nginx = {
      port: this.parts.ports.l7,
      createConnection: () => connectByProxyProtocol({ ...where, port: this.parts.ports.l7 }),
    };
    const how = { ...where, ...(fromOtherProxy ? nginx : { agent: agent ?? false }), method, path };
    return answerTo((listener) => request({ ...how, headers: { ...login, ...headers } }, listener), body);
  }

  /** Sends a request to a registry without a proxy, which serves the same storage with its default settings. */
  askBare(method: string, path: string, { headers = {}, body }: Call = {}): Promise<Answer> {
    const where = { host: "127.0.0.1", port: this.parts.ports.bare, agent: false, auth: `${user}:${rightPassword}` };
    return answerTo((listener) => requestPlainly({ ...where, method, path, headers }, listener), body);
  }

  /** Sends a request and pauses, half-way through its body or after the first bytes of the answer. @throws if it breaks off. */
  async askWithPause(method: string, path: string, pauseMs: number, body?: Buffer): Promise<Answer> {
    const ca = readFileSync(join(this.parts.folder, "certificate.pem"));
    const where = { host: "127.0.0.1", port: this.parts.ports.https, servername: "registry.example.internal", ca };
    const headers = body ? { "content-type": "application/octet-stream", "content-length": body.length } : {};
    const call = request({ ...where, agent: false, method, path, headers, auth: `${user}:${rightPassword}` });
    const answered = once(call, "response");
    answered.catch(() => undefined);
    if (body) {
      call.write(body.subarray(0, body.length / 2));
      await sleep(pauseMs);
      call.end(body.subarray(body.length / 2));
    } else call.end();
    const [answer] = await answered;
    if (!body) await sleep(pauseMs);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
  }

  /** nginx's cache status of the last requests: `HIT` or `MISS`, or nothing without a cache. Waits until that many are logged. */
  async cacheStatuses(path: string, count: number): Promise<string[]> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
      const lines = readFileSync(join(this.parts.folder, "access.log"), "utf8").split("\n").filter(Boolean);
      const requests = lines.map((line) => JSON.parse(line)).filter(({ uri }) => uri === path);
      if (requests.length >= count) return requests.slice(-count).map(({ cache }) => cache);
    }
    throw new Error(`nginx has logged fewer than ${count} requests for ${path}`);
  }

  /** Puts an object into the bucket, below the registry's folder, without a registry. */
  store(key: string, text: string): void {
    const root = join(this.parts.folder, "s3", "registry-example-internal", "registry", "docker", "registry", "v2");
    write(join(root, key), text);
  }

  /** The logs of all programs of the cluster. */
  logs(): string {
    const files = readdirSync(this.parts.folder).filter((name) => name.includes(".log"));
    return files.map((name) => readFileSync(join(this.parts.folder, name), "utf8")).join("\n");
  }

  /** The registry's answer to a request for a blob: a signed URL of the bucket. */
  signedUrl(digest: string): string {
    const [algorithm, hex = ""] = digest.split(":");
    const path = `registry/docker/registry/v2/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
    const signature =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2Fs3&X-Amz-Security-Token=t&X-Amz-Signature=5161";
    return `https://${bucketHostOf(this.s3)}/${path}?${signature}`;
  }

  /** Bytes of cached blobs on disk. */
  async cachedBytes(): Promise<number> {
    const blobs = join(this.parts.folder, "cache", "blobs");
    const { stdout } = await execa("du", ["--summarize", "--bytes", blobs]);
    return Number(stdout.split("\t")[0]);
  }

  private async nginxWorkers(): Promise<string[]> {
    const { stdout } = await execa("ps", ["-o", "pid=", "--ppid", String(this.nginx.pid)], { reject: false });
    return stdout.split("\n").filter(Boolean);
  }
}

function answerTo(
  ask: (listener: (answer: IncomingMessage) => void) => ClientRequest,
  body: Buffer | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = ask((answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** For HAProxy, a registry is healthy if it asks for a login. */
function startStandIn(registry: RequestListener, port: number): Server {
  const server = createServer((request, response) => {
    if (request.headers.authorization) registry(request, response);
    else response.writeHead(401).end();
  });
  return server.listen(port, "127.0.0.1");
}

/** A connection like HAProxy's: first a line with the client's address, then the client's own bytes. */
function connectByProxyProtocol(to: { host: string; port: number; servername: string; ca: Buffer }): Socket {
  const socket = connect({ host: to.host, port: to.port });
  socket.write("PROXY TCP4 127.0.0.1 127.0.0.1 1000 443\r\n");
  return connectTls({ ...to, socket });
}

async function freePorts(): Promise<Omit<ChainPorts, "s3" | "resolver">> {
  return {
    ...{ https: await freePort(), l7: await freePort(), health: await freePort(), anyRegistry: await freePort() },
    registries: [await freePort(), await freePort()],
    bare: await freePort(),
  };
}

async function ended(programs: readonly ResultPromise[]): Promise<void> {
  for (const program of programs) program.kill();
  await Promise.all(programs);
}
