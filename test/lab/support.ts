import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { operatorLogin } from "../../lab/account/machine.ts";
import { type LabNode, type LabState, labFiles, readState } from "../../lab/state.ts";
import { addressHolder } from "../../lab/status.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { until, untilItWorks } from "./until.ts";

export const lab: LabState = readState("registry") as LabState;
export const address = `127.0.0.1:${lab.ports.https}`;
export const login = await operatorLogin(lab);
export const proxies = lab.nodes.filter((node) => node.role === "proxy");
export const registries = lab.nodes.filter((node) => node.role === "registry");

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request to the registry through the Elastic IP, on a connection of its own. */
export function call(
  method: string,
  path: string,
  body?: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: lab.ports.https,
        method,
        path,
        agent: false,
        ca: readFileSync(labFiles(lab.name).caCertificate),
        servername: lab.domainName,
        auth: `${login.user}:${login.password}`,
        headers: {
          ...(body ? { "content-length": body.length, "content-type": "application/octet-stream" } : {}),
          ...headers,
        },
        timeout: 10_000,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", reject);
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 10 s")));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export const digestOf = (body: Buffer) => `sha256:${createHash("sha256").update(body).digest("hex")}`;

/** Pushes a blob of random bytes as a client does (POST, PUT). @returns its digest. */
export async function pushBlob(repository: string, size = 64 * 1024): Promise<string> {
  const body = randomBytes(size);
  const digest = digestOf(body);
  const started = await call("POST", `/v2/${repository}/blobs/uploads/`);
  if (started.status !== 202) throw new Error(`POST answered ${started.status}`);
  const done = await call("PUT", withDigest(locationOf(started), digest), body);
  if (done.status !== 201) throw new Error(`PUT answered ${done.status}: ${done.body}`);
  return digest;
}

/** Where the registry says that the upload goes on, as a path: it may not name an inner host. */
export function locationOf(answer: Answer): string {
  const location = String(answer.headers.location);
  return location.startsWith("/") ? location : location.replace(/^https?:\/\/[^/]+/, "");
}

export const withDigest = (location: string, digest: string) =>
  `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;

/** The proxy to which AWS sends the service address. */
export async function holder(): Promise<LabNode> {
  const privateIp = await addressHolder(lab);
  const node = proxies.find((proxy) => proxy.privateIp === privateIp);
  if (!node) throw new Error(`no proxy holds ${lab.serviceAddress}: it is at ${privateIp ?? "nobody"}`);
  return node;
}

export const isActive = (node: LabNode, unit: string) =>
  dockerExec(node.container, ["systemctl", "is-active", unit]).then(
    (state) => state === "active",
    () => false,
  );

/** Takes the power from a node, as a broken host would. */
export const powerOff = (node: LabNode) => docker(["kill", "--signal", "KILL", node.container]);
export const powerOn = (node: LabNode) => docker(["start", node.container]);

/** Waits until everything that belongs on the nodes runs again. */
export async function untilHealthy(): Promise<void> {
  for (const node of proxies) {
    for (const unit of ["haproxy", "nginx", "keepalived", "eip-keeper"]) {
      await until(() => isActive(node, unit), 90_000, `${unit} is active on ${node.name}`);
    }
  }
  for (const node of registries)
    await until(() => isActive(node, "registry"), 90_000, `registry is active on ${node.name}`);
  await untilItWorks(() => holder(), 60_000);
}

/** Proxies that keepalived made master: it gives them the virtual router's link-local address. */
export async function masters(): Promise<string[]> {
  const states = await Promise.all(
    proxies.map(
      async (proxy) =>
        [proxy.name, await dockerExec(proxy.container, ["ip", "-brief", "address", "show", "lo"])] as const,
    ),
  );
  return states.filter(([, addresses]) => addresses.includes("169.254.0.")).map(([name]) => name);
}

/** Sends some requests, each on a connection of its own. @returns the names of the nodes that have served any of them. */
export async function nodesThatServe(): Promise<string[]> {
  const before = await linesServed();
  for (let i = 0; i < 24; i++) await call("GET", "/v2/");
  const after = await linesServed();
  return [...after].filter(([node, lines]) => lines > (before.get(node) ?? 0)).map(([node]) => node);
}

/** How many requests each node has logged. */
async function linesServed(): Promise<Map<string, number>> {
  const count = async (container: string, command: string) =>
    Number(await dockerExec(container, ["sh", "-c", command]));
  const served = new Map<string, number>();
  for (const node of proxies) served.set(node.name, await count(node.container, "wc -l < /var/log/nginx/access.log"));
  for (const node of registries) {
    served.set(
      node.name,
      await count(node.container, "journalctl --unit registry --grep 'GET /v2/' --output cat | wc -l"),
    );
  }
  return served;
}
