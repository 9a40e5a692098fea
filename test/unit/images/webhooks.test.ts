import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WatchMetrics } from "../../../images/watch/events.ts";
import { type ServerProps, startServer } from "../../../images/watch/server.ts";

const secret = "It's a Secret to Everybody";
const body = "Hello, World!";
/** From GitHub's documentation, "Validating webhook deliveries". */
const hmac = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const hmacOf = (text: string, key: string | Buffer = secret, encoding: "hex" | "base64" = "hex") =>
  createHmac("sha256", key).update(text).digest(encoding);

let server: Server;
let origin: string;
let asked: number;

async function serve(
  webhookSecret?: string,
  limits?: ServerProps["limits"],
): Promise<{ server: Server; origin: string }> {
  const app = {
    trigger: () => {
      asked++;
    },
    isAlive: () => true,
    status: { repository: "app", done: 0, building: 0, failed: 0, skipped: 0 },
  };
  const repositories = new Map([["app", app]]);
  const started = await startServer({
    listen: "127.0.0.1:0",
    repositories,
    metrics: new WatchMetrics(),
    webhookSecret,
    limits,
  });
  return { server: started, origin: `http://127.0.0.1:${(started.address() as AddressInfo).port}` };
}
function stop(started: Server | undefined): void {
  started?.close();
  started?.closeAllConnections();
}

beforeAll(async () => {
  ({ server, origin } = await serve(secret));
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => stop(server));

const post = (headers: Record<string, string>, text = body, path = "/hooks/app") =>
  fetch(`${origin}${path}`, { method: "POST", body: text, headers });

describe("a webhook", () => {
  /** A key of 32 bytes, as GitLab makes them. */
  const key = Buffer.from("0123456789abcdef0123456789abcdef");
  const signingToken = `whsec_${key.toString("base64")}`;
  const signedAs = (text: string) => ({
    "webhook-id": "msg-1",
    "webhook-timestamp": "1700000000",
    "webhook-signature": `v1,${hmacOf(`msg-1.1700000000.${text}`, key, "base64")}`,
  });
  const sha1 = { "x-hub-signature": `sha1=${createHmac("sha1", secret).update(body).digest("hex")}` };
  const forges: readonly [forge: string, headers: Record<string, string>][] = [
    ["GitHub", { "x-hub-signature-256": `sha256=${hmac}`, ...sha1, "x-github-event": "push" }],
    ["GitLab", { "x-gitlab-token": secret, "x-gitlab-event": "Tag Push Hook" }],
    ["Gitea", { "x-gitea-signature": hmac, "x-gogs-signature": hmac, ...sha1, "x-gitea-event": "push" }],
    ["Forgejo", { "x-forgejo-signature": hmac, "x-forgejo-event": "push" }],
    ["Gogs", { "x-gogs-signature": hmac, "x-gogs-event": "push", "x-github-event": "push" }],
    ["Bitbucket", { "x-hub-signature": `sha256=${hmac}`, "x-event-key": "repo:push" }],
  ];

  it.each(forges)("of %s has the repository asked", async (_forge, headers) => {
    expect((await post(headers)).status).toBe(202);
    expect(asked).toBe(1);
  });

  it.each(forges)("of %s is refused with another secret, or another body", async (forge, headers) => {
    const wrong = Object.entries(headers).map(([name, value]) => [name, value.replace(/^(sha256=)?.{4}/, "$1dead")]);
    expect((await post(Object.fromEntries(wrong))).status).toBe(401);
    if (forge !== "GitLab") expect((await post(headers, "Hello, Mallory!")).status).toBe(401);
    expect(asked).toBe(0);
  });

  it("of GitLab may be signed with a signing token", async () => {
    const signed = await serve(signingToken);
    const send = (headers: Record<string, string>, text = body) =>
      fetch(`${signed.origin}/hooks/app`, { method: "POST", body: text, headers });
    try {
      expect((await send(signedAs(body))).status).toBe(202);
      const older = `v1,${hmacOf("other", key, "base64")}`;
      const twice = { ...signedAs(body), "webhook-signature": `${older} ${signedAs(body)["webhook-signature"]}` };
      expect((await send(twice)).status).toBe(202);
      expect((await send(signedAs(body), "Hello, Mallory!")).status).toBe(401);
      expect((await send({ ...signedAs(body), "webhook-timestamp": "1700000001" })).status).toBe(401);
      expect((await send({ "webhook-signature": older })).status).toBe(401);
    } finally {
      stop(signed.server);
    }
  });

  it.each([
    ["nothing", {}],
    ["an empty token", { "x-gitlab-token": "" }],
    ["SHA-1 alone, which GitHub sends for old receivers", sha1],
    ["no more than the beginning of a signature", { "x-hub-signature-256": "sha256=" }],
    ["a signature without its algorithm", { "x-hub-signature-256": hmac }],
  ])("that comes with %s is refused", async (_what, headers) => {
    const answer = await post(headers);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("the signature is missing or wrong\n");
    expect(asked).toBe(0);
  });

  describe("as a form", () => {
    const json = '{"ref":"refs/tags/v1","pusher":"J\u00fcrgen + \u4e2d"}';
    const form = new URLSearchParams({ payload: json }).toString();
    const type = { "content-type": "application/x-www-form-urlencoded" };

    it.each([
      ["GitHub, which signs the form", { "x-hub-signature-256": `sha256=${hmacOf(form)}` }, type],
      ["Gitea, which signs the payload in it", { "x-gitea-signature": hmacOf(json) }, type],
      ["Forgejo, which signs the payload in it", { "x-forgejo-signature": hmacOf(json) }, type],
      [
        "Gogs, which signs the payload in it",
        { "x-gogs-signature": hmacOf(json) },
        { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      ],
      ["GitLab, which signs nothing", { "x-gitlab-token": secret }, type],
    ])("of %s has the repository asked", async (_forge, headers, content) => {
      expect((await post({ ...headers, ...content } as Record<string, string>, form)).status).toBe(202);
      expect(asked).toBe(1);
    });

    it("is refused where another payload was signed, or there is none", async () => {
      const headers = { ...type, "x-gogs-signature": hmacOf("{}") };
      expect((await post(headers, form)).status).toBe(401);
      expect((await post({ ...type, "x-gogs-signature": hmacOf("null") }, "other=1")).status).toBe(401);
      expect((await post({ ...type, "x-gogs-signature": hmacOf(json) }, `${form}&payload=more`)).status).toBe(401);
      expect(asked).toBe(0);
    });
  });

  describe("that only tries the connection", () => {
    it.each([
      ["GitHub", { "x-hub-signature-256": `sha256=${hmac}`, "x-github-event": "ping" }],
      ["Gogs", { "x-gogs-signature": hmac, "x-gogs-event": "ping" }],
      ["Bitbucket, signed", { "x-hub-signature": `sha256=${hmac}`, "x-event-key": "diagnostics:ping" }],
      ["Bitbucket, which does not sign it", { "x-event-key": "diagnostics:ping" }],
    ])("is answered, and starts nothing: %s", async (_forge, headers) => {
      expect((await post(headers as Record<string, string>)).status).toBe(200);
      expect(asked).toBe(0);
    });

    it("of GitLab or Gitea is a push that never was: the repository is asked, and nothing more", async () => {
      expect((await post({ "x-gitlab-token": secret, "x-gitlab-event": "Push Hook" })).status).toBe(202);
      expect(asked).toBe(1);
    });

    it("says when the secret is wrong", async () => {
      const wrong = `sha256=${hmacOf(body, "another secret")}`;
      expect((await post({ "x-hub-signature-256": wrong, "x-github-event": "ping" })).status).toBe(401);
      expect((await post({ "x-hub-signature": wrong, "x-event-key": "diagnostics:ping" })).status).toBe(401);
      expect((await post({ "x-github-event": "ping" })).status).toBe(401);
    });

    it("says when there is no such repository, if it is signed", async () => {
      const ping = { "x-event-key": "diagnostics:ping" };
      const signed = { ...ping, "x-hub-signature": `sha256=${hmac}` };
      expect((await post(signed, body, "/hooks/none")).status).toBe(404);
      expect((await post(ping, body, "/hooks/none")).status).toBe(200);
    });
  });

  const signed = { "x-hub-signature-256": `sha256=${hmac}` };

  it.each(["/hooks/app/", "/hooks/app?source=github", "/hooks/app/?a=b&c", "//hooks/app", "/hooks/app//"])(
    "may come to %s",
    async (path) => {
      expect((await post(signed, body, path)).status).toBe(202);
      expect(asked).toBe(1);
    },
  );

  it.each([
    ["/hooks/none", 404, "no repository 'none'\n"],
    ["/hooks/", 404, "there are /healthz, /metrics, /status and /hooks/REPOSITORY\n"],
    ["/hook/app", 404, "there are /healthz, /metrics, /status and /hooks/REPOSITORY\n"],
    ["/hooks/app/more", 404, "there are /healthz, /metrics, /status and /hooks/REPOSITORY\n"],
  ])("to %s is told what there is", async (path, status, text) => {
    const answer = await post(signed, body, path);
    expect([answer.status, await answer.text()]).toEqual([status, text]);
    expect(asked).toBe(0);
  });

  it("does not learn which repositories there are without the secret", async () => {
    expect((await post({}, body, "/hooks/none")).status).toBe(401);
  });

  it.each(["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])("by %s is told to use POST", async (method) => {
    const answer = await fetch(`${origin}/hooks/app`, { method, headers: signed });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    expect(asked).toBe(0);
  });

  it.each(["/healthz", "/metrics", "/status", "/healthz/", "/status?pretty"])(
    "does not get in the way of %s",
    async (path) => {
      expect((await fetch(`${origin}${path}`)).status).toBe(200);
      const wrong = await post(signed, body, path);
      expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    },
  );

  const largest = 1024 ** 2;

  it("may have 1 MiB", async () => {
    const text = "x".repeat(largest);
    expect((await post({ "x-hub-signature-256": `sha256=${hmacOf(text)}` }, text)).status).toBe(202);
  });

  it.each([
    ["of a length that it tells", (text: string) => text],
    ["of a length that it does not tell", (text: string) => new Blob([text]).stream()],
  ])("that is larger is told so: %s", async (_what, bodyOf) => {
    const text = "x".repeat(3 * largest);
    const headers = { "x-hub-signature-256": `sha256=${hmacOf(text)}` };
    const options = { method: "POST", body: bodyOf(text), headers, duplex: "half" } as RequestInit;
    const answer = await fetch(`${origin}/hooks/app`, options);
    expect([answer.status, await answer.text()]).toEqual([413, `at most ${largest} bytes\n`]);
    expect(asked).toBe(0);
  });

  it("is refused where there is no secret", async () => {
    const open = await serve();
    try {
      const answer = await fetch(`${open.origin}/hooks/app`, { method: "POST", body, headers: signed });
      expect([answer.status, await answer.text()]).toEqual([404, "no webhookSecretFile is configured\n"]);
    } finally {
      stop(open.server);
    }
  });

  it("that cannot be read as HTTP harms nobody", async () => {
    for (const line of ["POST /hooks/%zz HTTP/1.1", "POST http://[/ HTTP/1.1", "GET //[ HTTP/1.1", "nonsense"]) {
      const { answer } = await talk(`${line}\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 40[014] /);
    }
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });
});

describe("many clients at once", () => {
  const mebibyte = 1024 ** 2;
  const signedPost = (text: string) => post({ "x-hub-signature-256": `sha256=${hmacOf(text)}` }, text);

  /** Connections that say something and stay. @returns what hangs up */
  async function open(count: number, text: string): Promise<{ sockets: Socket[]; end: () => void }> {
    const { port } = server.address() as AddressInfo;
    const sockets: Socket[] = [];
    // Not all at once: what the kernel's queue of new connections cannot take is tried again only after seconds.
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
        connect(port, "127.0.0.1").on("error", () => {}),
      );
      await Promise.all(some.map((socket) => once(socket, "connect")));
      sockets.push(...some);
    }
    for (const socket of sockets) socket.write(text);
    return { sockets, end: () => sockets.forEach((socket) => void socket.destroy()) };
  }

  it("have 16 MiB for all bodies that have not ended, and who sends more is told to come again", async () => {
    const almost = `POST /hooks/app HTTP/1.1\r\nHost: x\r\nContent-Length: ${mebibyte}\r\n\r\n${"x".repeat(mebibyte - 1)}`;
    const { end } = await open(16, almost);
    await expect.poll(async () => (await signedPost("more than is left")).status, { timeout: 5_000 }).toBe(503);
    expect((await signedPost("little")).status).toBe(202);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    end();
    await expect.poll(async () => (await signedPost("more than is left")).status, { timeout: 5_000 }).toBe(202);
  }, 20_000);

  it("are 1000, and others are turned away until one of them leaves", async () => {
    const { sockets, end } = await open(1100, "");
    const closed = () => sockets.filter((socket) => socket.closed).length;
    await expect.poll(closed, { timeout: 3_000 }).toBeGreaterThanOrEqual(100);
    expect(closed()).toBeLessThan(120);
    end();
    await expect
      .poll(
        () =>
          fetch(`${origin}/healthz`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 5_000 },
      )
      .toBe(200);
  }, 20_000);
});

describe("a client that is slow", () => {
  it("has five seconds for the head of a request, and ten for all of it", () => {
    expect(server).toMatchObject({ headersTimeout: 5_000, requestTimeout: 10_000 });
  });

  /** A tenth of these. */
  const limits = { headersTimeout: 500, requestTimeout: 1_000, connectionsCheckingInterval: 100 };
  let brief: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    brief = await serve(secret, limits);
  });
  afterAll(() => stop(brief.server));

  const head = "POST /hooks/app HTTP/1.1\r\nHost: x\r\n";
  const bodyHead = `${head}Content-Length: 1000\r\n\r\n`;

  it.concurrent.each([
    ["says nothing", "", 0, 0.5],
    ["never ends the head of its request", `${head}X-Slow: `, 0, 0.5],
    ["sends its head a byte at a time", head, 20, 0.5],
    ["begins a body, and no more", `${bodyHead}x`, 0, 1],
    ["sends its body a byte at a time", bodyHead, 20, 1],
  ])("is cut off, and stops nobody: one that %s", async (_what, begun, everyMs, limitSec) => {
    const slow = talk(begun, everyMs, brief.origin);
    await sleep(100);
    const headers = { "x-hub-signature-256": `sha256=${hmac}` };
    const others = await Promise.all([
      fetch(`${brief.origin}/healthz`),
      fetch(`${brief.origin}/hooks/app`, { method: "POST", body, headers }),
    ]);
    expect(others.map(({ status }) => status)).toEqual([200, 202]);
    const { seconds } = await slow;
    expect(seconds).toBeGreaterThan(limitSec - 0.05);
    expect(seconds).toBeLessThan(limitSec + 10);
  });

  it.concurrent("is cut off when it asks, and does not read", async ({ expect }) => {
    const own = await serve(secret, limits);
    const connections = () =>
      new Promise<number>((resolve) => own.server.getConnections((_error, count) => resolve(count)));
    const socket = connect(Number(new URL(own.origin).port), "127.0.0.1");
    try {
      socket.on("error", () => {}).pause();
      socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000));
      await expect.poll(connections, { interval: 5 }).toBe(1);
      await expect.poll(connections, { timeout: 10_000 }).toBe(0);
    } finally {
      socket.destroy();
      stop(own.server);
    }
  });

  it.concurrent("does not stop others although it comes five hundred times", async () => {
    const own = await serve(secret, { ...limits, requestTimeout: 3_000 });
    const many = Array.from({ length: 500 }, () => talk(bodyHead, 0, own.origin));
    await sleep(300);
    let areOpen = true;
    const ended = Promise.all(many).then(() => {
      areOpen = false;
    });
    expect((await fetch(`${own.origin}/healthz`)).status).toBe(200);
    expect(areOpen).toBe(true);
    await ended;
    stop(own.server);
  });
});

/** Says something, then a byte at a time if need be, until the other side ends it. */
function talk(text: string, everyMs = 0, to = origin): Promise<{ answer: string; seconds: number }> {
  const begun = performance.now();
  return new Promise((resolve) => {
    let answer = "";
    const socket: Socket = connect(Number(new URL(to).port), "127.0.0.1", () => socket.write(text));
    const timer = everyMs > 0 ? setInterval(() => socket.write("x"), everyMs) : undefined;
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ answer, seconds: (performance.now() - begun) / 1000 });
    });
  });
}
