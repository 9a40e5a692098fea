import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ports } from "../../../topology/ports.ts";
import { exampleTree, fileOf } from "../../unit/templates/example.ts";
import { write } from "../files.ts";
import { findProgram } from "../program.ts";
import { makeCertificate } from "./files.ts";

type Change = (text: string) => string;

export interface PairOptions {
  /** The first three numbers of loopback addresses that no other test uses, such as `127.0.81`. */
  readonly network: string;
  /** Changes haproxy.cfg if a test cannot wait for a configured time, or fill a configured size. */
  readonly haproxyCfg?: Change;
  /** Changes nginx.conf likewise. */
  readonly nginxConf?: Change;
}

/**
 * Two proxies with the real HAProxy and nginx and their rendered files, each on a loopback address of its own. The first holds
 * the service address. The test provides registries, on port 5000 of `registry`.
 */
export class ProxyPair {
  readonly holder: string;
  readonly other: string;
  readonly registry: string;
  /** Where clients connect. */
  readonly entry = 20443;
  readonly folder = mkdtempSync(join(tmpdir(), "pair-"));
  private readonly daemons = new Map<string, ChildProcess>();
  private readonly options: PairOptions;

  private constructor(options: PairOptions) {
    this.options = options;
    this.holder = `${options.network}.1`;
    this.other = `${options.network}.2`;
    this.registry = `${options.network}.3`;
  }

  /** Makes the pair; `start` starts it. */
  static async make(options: PairOptions): Promise<ProxyPair> {
    const pair = new ProxyPair(options);
    // nginx's workers run as nobody.
    chmodSync(pair.folder, 0o711);
    await makeCertificate(pair.folder);
    return pair;
  }

  /** Starts every daemon that does not run, and waits until both proxies serve. */
  async start(): Promise<void> {
    for (const node of ["proxy-1", "proxy-2"]) {
      if (!this.daemons.has(`nginx ${node}`)) this.run(`nginx ${node}`, "nginx", "-c", this.nginxConfig(node));
    }
    if (!this.daemons.has("haproxy")) this.startHaproxy();
    await until(async () => new Set(await this.served(8)).size === 2);
  }

  startHaproxy(change: Change = (text) => text): void {
    this.run("haproxy", "haproxy", "-db", "-f", this.haproxyConfig(change));
  }

  /** Starts one nginx that is not running, with a changed config, and waits until it answers. */
  async startNginx(node: "proxy-1" | "proxy-2", change: Change): Promise<void> {
    this.run(`nginx ${node}`, "nginx", "-c", this.nginxConfig(node, change));
    const own = node === "proxy-1" ? this.holder : this.other;
    await until(async () => (await statusAt(`http://${own}:${ports.nginxHealth}/healthz`)) !== undefined);
  }

  stop(): void {
    for (const name of this.daemons.keys()) this.signal(name, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends a daemon, and waits until the kernel has closed its ports: whatever was on its way to it is lost. */
  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    const daemon = this.daemons.get(name) as ChildProcess;
    this.signal(name, signal);
    this.daemons.delete(name);
    await once(daemon, "exit");
    await sleep(200);
  }

  /** Signals a daemon and its workers, if it runs. */
  signal(name: string, signal: NodeJS.Signals): void {
    const daemon = this.daemons.get(name);
    if (daemon) process.kill(-(daemon.pid as number), signal);
  }

  /** Memory of a daemon of one process. */
  memoryKib(name: string): number {
    const status = readFileSync(`/proc/${this.daemons.get(name)?.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }

  /** Makes the holder report that it is a master. */
  becomeMaster(): void {
    writeFileSync(join(this.folder, "proxy-1-master"), "");
  }

  /** Sends requests, each on its own connection. @returns the address of the proxy that served each. */
  async served(requests: number): Promise<string[]> {
    const answers: string[] = [];
    for (let i = 0; i < requests; i++) answers.push(await this.ask());
    return answers;
  }

  /** Asks a proxy whether it serves. @returns its address. */
  ask(localAddress?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request({ ...this.tls(localAddress), path: "/healthz", agent: false, timeout: 1_000 }, (response) =>
        response.setEncoding("utf8").on("data", resolve),
      );
      call.on("timeout", () => call.destroy(new Error("no answer within a second")));
      call.on("error", reject);
      call.end();
    });
  }

  /** How to reach the service by TLS. */
  tls(localAddress?: string) {
    return {
      host: this.holder,
      port: this.entry,
      servername: "registry.example.internal",
      ca: readFileSync(join(this.folder, "certificate.pem")),
      localAddress,
    };
  }

  private run(name: string, program: string, ...args: string[]): void {
    this.daemons.set(name, spawn(findProgram(program) as string, args, { stdio: "ignore", detached: true }));
  }

  private nginxConfig(node: string, change: Change = (text) => text): string {
    const { folder, options } = this;
    const own = node === "proxy-1" ? this.holder : this.other;
    const text = this.onLoopback(fileOf(exampleTree(), node, "/etc/nginx/nginx.conf"), own)
      .replaceAll("/etc/nginx/tls/server.pem", `${folder}/server.pem`)
      .replaceAll("/etc/ssl/certs/ca-certificates.crt", `${folder}/server.pem`)
      .replaceAll("/var/cache/nginx-blobs", join(folder, `${node}-blobs`))
      .replaceAll("/var/log/nginx", folder)
      .replaceAll("/run/nginx-closing", join(folder, `${node}-closing`))
      .replace("/run/eip-keeper/master", join(folder, `${node}-master`))
      .replace("/run/nginx.pid", join(folder, `${node}.pid`))
      // Tells which proxy has served.
      .replace(`return 200 "ok\\n"`, `return 200 "${own}"`);
    const ownUser = process.getuid?.() === 0 ? text : text.replace(/^user .*/m, "");
    return write(join(folder, `${node}.conf`), change(`daemon off;\n${options.nginxConf?.(ownUser) ?? ownUser}`));
  }

  private haproxyConfig(change: Change): string {
    const text = this.onLoopback(fileOf(exampleTree(), "proxy-1", "/etc/haproxy/haproxy.cfg"), this.holder)
      .replace(/^ {2}(user|group) .*\n/gm, "")
      .replace(`bind :${ports.https}`, `bind ${this.holder}:${this.entry}`);
    return write(join(this.folder, "haproxy.cfg"), change(this.options.haproxyCfg?.(text) ?? text));
  }

  /** Rewrites addresses of the plan to those of this pair. */
  onLoopback(text: string, own: string): string {
    const noRegistry = `${this.options.network}.4`;
    const local = {
      ...{ "10.80.0.5": this.holder, "10.80.16.5": this.other },
      ...{ "10.80.128.4": this.registry, "10.80.144.4": noRegistry },
    };
    return Object.entries(local)
      .reduce((changed, [planned, address]) => changed.replaceAll(planned, address), text)
      .replaceAll("127.0.0.1:", `${own}:`);
  }
}

export function statusAt(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = get(url, { agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("timeout", () => call.destroy(new Error(`${url} does not answer`)));
    call.on("error", reject);
  });
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(200)) {
    if (await condition().catch(() => false)) return;
  }
  throw new Error("not within 30 s");
}
