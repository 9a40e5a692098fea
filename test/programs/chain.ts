import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type ResultPromise } from "execa";
import { withUser } from "../../access/users.ts";
import { registryProgram } from "../../artifacts/build-registry-image.ts";
import { cachedProgramPath } from "../../artifacts/go-program.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { s3Server } from "../../lab/aws/machine.ts";
import { checkout } from "../../operator/checkout.ts";
import { exampleTree, fileOf } from "../unit/render/example.ts";
import { write } from "./files.ts";
import { freePort } from "./moto.ts";
import { findProgram } from "./program.ts";
import { type S3Front, startS3Front } from "./s3-front.ts";

/** What a chain runs, by the name that a skipped suite gives it. */
export const chainPrograms = {
  "the registry": cachedProgramPath(registryProgram(registryImage)),
  "the S3 server": cachedProgramPath(s3Server),
};

const user = "ci";
export const password = "correct";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** @default - the right one */
  readonly password?: string;
}

export interface ChainOptions {
  readonly config?: (config: ClusterConfig) => Partial<ClusterConfig>;
  /** Changes nginx.conf where a test cannot wait for, or fill, what is configured. */
  readonly nginxConf?: (text: string) => string;
  /** Gives nginx a cache on a file system of its own, of so many MiB. */
  readonly cacheDiskMib?: number;
}

/** The way of a pull, with the real programs and the rendered files: proxy-1's nginx, two registries, an S3 server. */
export class Chain {
  readonly s3: S3Front;
  private readonly port: number;
  private readonly folder: string;
  private readonly others: ResultPromise[];
  private readonly runNginx: () => ResultPromise;
  private nginx: ResultPromise;

  private constructor(
    parts: Pick<Chain, "s3"> & { port: number; folder: string; others: ResultPromise[]; runNginx: () => ResultPromise },
  ) {
    this.s3 = parts.s3;
    this.port = parts.port;
    this.folder = parts.folder;
    this.others = parts.others;
    this.runNginx = parts.runNginx;
    this.nginx = parts.runNginx();
  }

  static async start({
    config = () => ({}),
    nginxConf = (text) => text,
    cacheDiskMib,
  }: ChainOptions = {}): Promise<Chain> {
    // nginx's workers may be another user.
    const folder = mkdtempSync(join(tmpdir(), "chain-"));
    chmodSync(folder, 0o755);
    const tree = exampleTree(config);
    const pem = await certificate(folder);
    write(join(folder, "htpasswd"), await withUser("", user, password));
    mkdirSync(join(folder, "s3", "registry-example-internal"), { recursive: true });
    mkdirSync(join(folder, "cache"));

    const s3Port = await freePort();
    const s3Args = [
      "--access",
      "key",
      "--secret",
      "secret-key",
      "--region",
      "eu-west-1",
      "--port",
      `127.0.0.1:${s3Port}`,
    ];
    const posix = ["posix", "--sidecar", join(folder, "sidecar"), join(folder, "s3")];
    mkdirSync(join(folder, "sidecar"));
    const others = [run(chainPrograms["the S3 server"], ...s3Args, ...posix)];
    await untilListening(s3Port);
    const s3 = await startS3Front(pem, s3Port);

    const registryPorts = [await freePort(), await freePort()] as const;
    for (const [i, port] of registryPorts.entries()) {
      const text = fileOf(tree, `registry-${i + 1}`, "/etc/distribution/config.yml");
      const file = write(
        join(folder, `registry-${i + 1}.yml`),
        registryConfig(text, { folder, port, s3Port: s3.port }),
      );
      others.push(run("env", ...registryEnvironment(pem), chainPrograms["the registry"], "serve", file));
    }
    const port = await freePort();
    const l7Port = await freePort();
    const text = nginxConf(fileOf(tree, "proxy-1", "/etc/nginx/nginx.conf"))
      .replaceAll("/etc/nginx/tls/server.pem", pem)
      .replaceAll("/etc/ssl/certs/ca-certificates.crt", pem)
      .replaceAll("/var/log/nginx", folder)
      .replaceAll("/run/disk-guard/full", join(folder, "disk-full"))
      .replaceAll("/var/cache/nginx-blobs", join(folder, "cache", "blobs"))
      // The namespace that has a disk of its own knows no other user.
      .replace("user www-data;", cacheDiskMib ? "user root;" : "user www-data;")
      .replace("/run/nginx.pid", join(folder, "pid"))
      .replace("listen 443 ", `listen 127.0.0.1:${port} `)
      .replace("listen 127.0.0.1:8080;", `listen 127.0.0.1:${await freePort()};`)
      .replace("listen 10.80.0.5:8081;", `listen 127.0.0.1:${await freePort()};`)
      .replace(/server 10\.80\.16\.5:8443 .*\n/, "")
      .replaceAll("10.80.0.5:8443", `127.0.0.1:${l7Port}`)
      .replace("set_real_ip_from 10.80.0.5;", "set_real_ip_from 127.0.0.1;")
      .replace("10.80.128.4:5000", `127.0.0.1:${registryPorts[0]}`)
      .replace("10.80.144.4:5000", `127.0.0.1:${registryPorts[1]}`);
    const nginx = [
      findProgram("nginx") as string,
      "-c",
      write(join(folder, "nginx.conf"), text),
      "-g",
      "daemon off;",
    ] as const;
    const runNginx = () => (cacheDiskMib ? runOnOwnDisk(nginx, folder, cacheDiskMib) : run(...nginx));
    const chain = new Chain({ s3, port, folder, others, runNginx });
    await Promise.all([...registryPorts, port].map(untilListening));
    return chain;
  }

  async stop(): Promise<void> {
    await this.s3.stop();
    for (const program of [this.nginx, ...this.others]) program.kill();
    await Promise.all([this.nginx, ...this.others]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills both registries, without a word to anybody. */
  async killRegistries(): Promise<void> {
    const registries = this.others.slice(1);
    for (const registry of registries) registry.kill("SIGKILL");
    await Promise.all(registries);
  }

  async reloadNginx(): Promise<void> {
    const workers = await this.nginxWorkers();
    this.nginx.kill("SIGHUP");
    while ((await this.nginxWorkers()).some((worker) => workers.includes(worker))) await sleep(50);
  }

  async restartNginx(): Promise<void> {
    this.nginx.kill("SIGTERM");
    await this.nginx;
    this.nginx = this.runNginx();
    await untilListening(this.port);
  }

  private async nginxWorkers(): Promise<string[]> {
    const { stdout } = await execa("ps", ["-o", "pid=", "--ppid", String(this.nginx.pid)], { reject: false });
    return stdout.split("\n").filter(Boolean);
  }

  /** Sends a request through the proxy. @throws if the answer breaks off. */
  ask(method: string, path: string, { headers = {}, body, password: given = password }: Call = {}): Promise<Answer> {
    const login = given === "" ? {} : { authorization: `Basic ${Buffer.from(`${user}:${given}`).toString("base64")}` };
    return new Promise((resolve, reject) => {
      const call = request(
        {
          ...{ host: "127.0.0.1", port: this.port, servername: "registry.example.internal", agent: false },
          ...{ ca: readFileSync(join(this.folder, "server.pem")), method, path, headers: { ...login, ...headers } },
        },
        async (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      call.on("error", reject);
      call.end(body);
    });
  }

  /** What nginx says of the last pulls: `HIT` or `MISS`, or nothing where no cache is asked. Waits until as many are logged. */
  async cacheStatuses(path: string, count: number): Promise<string[]> {
    for (;;) {
      const lines = readFileSync(join(this.folder, "access.log"), "utf8").split("\n").filter(Boolean);
      const statuses = lines.map((line) => JSON.parse(line)).filter(({ uri }) => uri === path);
      if (statuses.length >= count) return statuses.slice(-count).map(({ cache }) => cache);
      await sleep(50);
    }
  }

  /** Bytes of blobs that are kept on disk. */
  async cachedBytes(): Promise<number> {
    const { stdout } = await execa("du", ["--summarize", "--bytes", join(this.folder, "cache", "blobs")]);
    return Number(stdout.split("\t")[0]);
  }
}

function run(command: string, ...args: string[]): ResultPromise {
  // unshare heeds no other signal while it waits for its child.
  const killSignal = command === "unshare" ? "SIGKILL" : "SIGTERM";
  return execa(command, args, { stdio: "ignore", reject: false, killSignal });
}

/** Runs nginx with a small disk below its cache, and the disk guard beside it. */
function runOnOwnDisk(nginx: readonly string[], folder: string, mib: number): ResultPromise {
  const script = `
    cache=$1 mib=$2 guard=$3 flag=$4
    shift 4
    mount -t tmpfs -o "size=$mib"m blobs "$cache"
    # nginx's other folders belong to a user whom this namespace does not know.
    mount -t tmpfs nginx /var/lib/nginx
    bash "$guard" "$cache" 768 "$flag" &
    exec "$@"`;
  const guard = join(checkout, "salt", "nginx", "files", "disk-guard");
  const own = ["--map-root-user", "--mount", "--pid", "--fork", "--kill-child"];
  return run(
    "unshare",
    ...own,
    "sh",
    "-ec",
    script,
    "sh",
    join(folder, "cache"),
    String(mib),
    guard,
    join(folder, "disk-full"),
    ...nginx,
  );
}

function registryConfig(
  text: string,
  { folder, port, s3Port }: { folder: string; port: number; s3Port: number },
): string {
  const onLoopback = [
    "accesskey: key",
    "secretkey: secret-key",
    `regionendpoint: https://127.0.0.1:${s3Port}`,
    "forcepathstyle: true",
  ];
  return text
    .replace(/^( +)bucket: .*$/m, (line, indent) => [line, ...onLoopback.map((setting) => indent + setting)].join("\n"))
    .replace("encrypt: true", "encrypt: false")
    .replace("/etc/distribution/htpasswd", join(folder, "htpasswd"))
    .replace(/addr: 10\.[\d.]+:5000/, `addr: 127.0.0.1:${port}`)
    .replace(/addr: 10\.[\d.]+:5001/, "addr: 127.0.0.1:0");
}

function registryEnvironment(pem: string): string[] {
  return ["REGISTRY_HTTP_SECRET=any", "OTEL_TRACES_EXPORTER=none", `AWS_CA_BUNDLE=${pem}`];
}

/** One certificate for all: of the proxy by its name, of S3 by its address. @returns key and certificate in one file */
async function certificate(folder: string): Promise<string> {
  const [key, cert, pem] = ["key.pem", "cert.pem", "server.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await execa("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"],
    ...[
      "-addext",
      "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1,DNS:registry.example.internal",
      "-keyout",
      key,
      "-out",
      cert,
    ],
  ]);
  return write(pem, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
}

async function untilListening(port: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
    const listens = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
    });
    if (listens) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} of 127.0.0.1 within 30 s`);
  }
}

/** Why a chain cannot run here, or undefined. */
export function whyNoChain(): string | undefined {
  const unbuilt = Object.entries(chainPrograms).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (unbuilt.length > 0) return `${unbuilt.join(" and ")} not built yet; 'npm start' builds both`;
  return undefined;
}
