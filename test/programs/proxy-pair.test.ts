import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ports } from "../../config/ports.ts";
import { exampleTree, fileOf } from "../unit/render/example.ts";
import { lastingFolder, write } from "./files.ts";
import { findProgram, suiteWith } from "./program.ts";

const suite = suiteWith("two proxies, of which the first holds the address,", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

/** Real HAProxy and nginx with their rendered configs, each proxy on a loopback address of its own. */
describe.skipIf(suite.skip)(suite.title, () => {
  const addresses = { "10.80.0.5": "127.0.81.1", "10.80.16.5": "127.0.81.2" };
  const holder = addresses["10.80.0.5"];
  const entry = 20443;
  const daemons = new Map<string, ChildProcess>();
  let folder: string;

  beforeAll(async () => {
    folder = lastingFolder();
    const pem = join(folder, "server.pem");
    const names = ["-subj", "/CN=registry.example.internal", "-addext", "subjectAltName=DNS:registry.example.internal"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")];
    await execa("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...names, ...files]);
    await execa("sh", ["-c", `cat ${folder}/certificate.pem ${folder}/key.pem > ${pem}`]);
  });
  beforeEach(async () => {
    for (const node of ["proxy-1", "proxy-2"]) {
      if (!daemons.has(`nginx ${node}`)) start(`nginx ${node}`, "nginx", "-c", nginxConfig(node));
    }
    if (!daemons.has("haproxy")) start("haproxy", "haproxy", "-db", "-f", haproxyConfig());
    await until(async () => new Set(await served(8)).size === 2);
  });
  afterAll(() => {
    for (const daemon of daemons.values()) end(daemon, "SIGKILL");
  });

  it("both serve, and the holder is well", async () => {
    expect(new Set(await served(8))).toEqual(new Set(Object.values(addresses)));
    expect(await statusAt(`http://${holder}:${ports.proxyHealth}/healthz`)).toBe(200);
  });

  it("the counters of both daemons can be read, and nothing else beside them", async () => {
    const metrics = `http://${holder}:${ports.proxyMetrics}`;
    expect(await statusAt(`${metrics}/metrics`)).toBe(200);
    expect(await statusAt(`${metrics}/status`)).toBe(200);
    expect(await statusAt(`${metrics}/healthz`)).toBe(404);
  });

  it("others learn from the holder whether it is master", async () => {
    const question = `http://${holder}:${ports.proxyMetrics}/master`;
    // nginx's workers are nobody's.
    chmodSync(folder, 0o711);
    expect(await statusAt(question)).toBe(404);
    writeFileSync(join(folder, "proxy-1-master"), "");
    expect(await statusAt(question)).toBe(200);
  });

  it("nothing but the question whether they serve is answered without TLS", async () => {
    const asked = (path: string) => statusAt(`http://${holder}:${entry}${path}`);
    expect(await asked("/healthz")).toBe(200);
    for (const path of ["/v2/", "/", "/without-tls"]) expect(await asked(path)).toBe(400);
  });

  it("no request fails when the holder's nginx crashes, and the holder is not well any more", async () => {
    await kill("nginx proxy-1", "SIGKILL");
    expect(await served(12)).toEqual(Array(12).fill(addresses["10.80.16.5"]));
    expect(await statusAt(`http://${holder}:${ports.proxyHealth}/healthz`)).toBe(503);
  });

  it("no request fails when the other proxy's nginx crashes", async () => {
    await kill("nginx proxy-2", "SIGKILL");
    expect(await served(12)).toEqual(Array(12).fill(holder));
  });

  it("an nginx that hangs is left out within seconds, although its port is open", async () => {
    const hanging = daemons.get("nginx proxy-2") as ChildProcess;
    end(hanging, "SIGSTOP");
    try {
      await until(async () => (await served(8).catch(() => [])).length === 8);
      expect(await served(12)).toEqual(Array(12).fill(holder));
    } finally {
      end(hanging, "SIGCONT");
    }
  });

  it("one is left out whose own HAProxy hangs: it would keep nginx from the registries", async () => {
    const other = addresses["10.80.16.5"];
    // Its kernel accepts, and nobody answers.
    const hanging = createServer(() => {}).listen(ports.proxyHealth, other);
    try {
      await until(async () => (await served(12)).every((server) => server === holder));
    } finally {
      hanging.close();
      hanging.unref();
    }
  });

  it("both are dealt to when no check passes: then it is the checks that are at fault", async () => {
    await kill("haproxy", "SIGTERM");
    const failing = haproxyConfig((text) => text.replace("uri /healthz", "uri /no-such-page"));
    start("haproxy", "haproxy", "-db", "-f", failing);
    await sleep(4_000);
    expect(new Set(await served(8))).toEqual(new Set(Object.values(addresses)));
    await kill("haproxy", "SIGTERM");
  });

  function start(name: string, program: string, ...args: string[]): void {
    daemons.set(name, spawn(findProgram(program) as string, args, { stdio: "ignore", detached: true }));
  }

  /** Ends a daemon, and waits until the kernel has closed its ports: what was on its way to it is lost, whoever deals out. */
  async function kill(name: string, signal: NodeJS.Signals): Promise<void> {
    const daemon = daemons.get(name) as ChildProcess;
    daemons.delete(name);
    end(daemon, signal);
    await once(daemon, "exit");
    await sleep(200);
  }

  /** Signals a daemon and its workers. */
  function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
    process.kill(-(pid as number), signal);
  }

  const onLoopback = (text: string, own: string) =>
    Object.entries(addresses)
      .reduce((changed, [address, local]) => changed.replaceAll(address, local), text)
      .replaceAll("127.0.0.1:", `${own}:`);

  function nginxConfig(node: string): string {
    const own = node === "proxy-1" ? holder : addresses["10.80.16.5"];
    const text = onLoopback(fileOf(exampleTree(), node, "/etc/nginx/nginx.conf"), own)
      .replaceAll("/etc/nginx/tls/server.pem", `${folder}/server.pem`)
      .replaceAll("/etc/ssl/certs/ca-certificates.crt", `${folder}/server.pem`)
      .replaceAll("/var/cache/nginx-blobs", join(folder, `${node}-blobs`))
      .replaceAll("/var/log/nginx", folder)
      .replace("/run/eip-keeper/master", join(folder, `${node}-master`))
      .replace("/run/nginx.pid", join(folder, `${node}.pid`))
      // Tells who has served.
      .replace(`return 200 "ok\\n"`, `return 200 "${own}"`);
    return write(
      join(folder, `${node}.conf`),
      `daemon off;\n${process.getuid?.() === 0 ? text : text.replace(/^user .*/m, "")}`,
    );
  }

  function haproxyConfig(change = (text: string) => text): string {
    const text = onLoopback(fileOf(exampleTree(), "proxy-1", "/etc/haproxy/haproxy.cfg"), holder)
      .replace(/^ {2}(user|group) .*\n/gm, "")
      .replace(/maxconn \d+/, "maxconn 100")
      .replace(`bind :${ports.https}`, `bind ${holder}:${entry}`);
    return write(join(folder, "haproxy.cfg"), change(text));
  }

  /** Sends requests, each on a connection of its own. @returns who has served each. */
  async function served(requests: number): Promise<string[]> {
    const answers: string[] = [];
    for (let i = 0; i < requests; i++) answers.push(await ask());
    return answers;
  }

  function ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: holder,
          port: entry,
          path: "/healthz",
          servername: "registry.example.internal",
          ca: readFileSync(join(folder, "certificate.pem")),
          agent: false,
          timeout: 1_000,
        },
        (response) => response.setEncoding("utf8").on("data", resolve),
      );
      call.on("timeout", () => call.destroy(new Error("no answer within a second")));
      call.on("error", reject);
      call.end();
    });
  }
});

function statusAt(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(200)) {
    if (await condition().catch(() => false)) return;
  }
  throw new Error("not within 30 s");
}
