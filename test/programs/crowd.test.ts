import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ports } from "../../topology/ports.ts";
import { ProxyPair, until } from "./chain/proxy-pair.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("a crowd at the door", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;
  let crowd: Socket[] = [];
  let registry: FakeRegistry;

  beforeAll(async () => {
    pair = await ProxyPair.make({ network: "127.0.82" });
    registry = await FakeRegistry.start(pair);
    await pair.start();
  });
  afterEach(() => {
    for (const socket of crowd) socket.destroy();
    crowd = [];
  });
  afterAll(() => {
    pair?.stop();
    registry?.stop();
  });

  it("of 6,000 connections from one address is held to what one address may have, and nobody else notices", async () => {
    const transfer = await registry.startTransfer("127.0.82.11");
    await gather("127.0.82.10", 6_000);
    await sleep(4_000);

    expect(await Promise.all(Array.from({ length: 20 }, () => pair.ask("127.0.82.11")))).toHaveLength(20);
    expect(stillOpen()).toBe(1_000);
    expect(await failedChecks()).toEqual([0, 0]);
    expect(await transfer.end()).toBe("begin, end");
  });

  it("from many addresses does not get in the way of the proxies' own questions", async () => {
    const transfer = await registry.startTransfer("127.0.82.11");
    for (let i = 0; i < 10; i++) await gather(`127.0.82.${20 + i}`, 600);
    await sleep(4_000);

    expect(await failedChecks()).toEqual([0, 0]);
    expect(await transfer.end()).toBe("begin, end");
  });

  it("that comes and goes from one address is slowed down, and nobody else notices", async () => {
    const denied = () => metrics(/^haproxy_frontend_denied_connections_total\{proxy="registry"\} (\d+)$/gm);
    const [before] = await denied();
    for (let i = 0; i < 40; i++) {
      await gather("127.0.82.12", 100);
      for (const socket of crowd.splice(0)) socket.destroy();
    }
    expect((await denied())[0]).toBeGreaterThan(before as number);
    await until(() => pair.ask("127.0.82.11").then(() => true));
  });

  it.each([
    ["without a login", undefined],
    ["with wrong passwords", "ci:wrong"],
  ])("that asks %s reaches the registries ever more slowly, and who has a login does not wait", async (_how, auth) => {
    registry.refusals = 0;
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const end = Date.now() + 5_000;
    const statuses = new Set<number>();
    const keepAsking = async () => {
      while (Date.now() < end) statuses.add((await askRegistry({ agent, auth, localAddress: "127.0.82.13" })).status);
    };
    const asking = Array.from({ length: 100 }, keepAsking);
    await sleep(3_000);
    const begunAt = Date.now();
    expect(await askRegistry({ auth: "ci:good", localAddress: "127.0.82.13" })).toMatchObject({ status: 200 });
    expect(Date.now() - begunAt).toBeLessThan(1_000);
    await Promise.all(asking);
    agent.destroy();
    // Each proxy allows 100 at once, and 50 more a second.
    expect(registry.refusals).toBeLessThan(2 * (100 + 7 * 50) + 100);
    expect(statuses).toEqual(new Set([401]));
    expect((await askRegistry({ auth, localAddress: "127.0.82.14" })).headers).toMatchObject({
      "www-authenticate": 'Basic realm="test"',
      "content-type": "application/json",
    });
  });

  it("that only asks whether the registry lives has to come again each time", async () => {
    for (const path of ["/healthz", "/"]) {
      const agent = new Agent({ keepAlive: true });
      const { headers } = await askRegistry({ path, agent, localAddress: "127.0.82.11" });
      expect(headers).toMatchObject({ connection: "close" });
    }
  });

  it("that never finishes what it has begun is sent away", async () => {
    const silent = connect({ host: pair.holder, port: pair.entry });
    const withoutRequest = connectTls(pair.tls());
    const drip = connectTls(pair.tls(), () => drip.write("GET /v2/ HTTP/1.1\r\nX-Slow: "));
    const dripping = setInterval(() => drip.write("x"), 1_000);
    crowd = [silent, withoutRequest, drip];
    for (const socket of crowd) socket.on("error", () => undefined).resume();
    await Promise.all(crowd.map((socket) => once(socket, "close")));
    clearInterval(dripping);
  }, 40_000);

  interface Question {
    readonly path?: string;
    readonly auth?: string;
    readonly agent?: Agent;
    readonly localAddress: string;
  }

  function askRegistry({ path = "/v2/", auth, agent, localAddress }: Question) {
    const headers = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
    return new Promise<{ status: number; headers: IncomingHttpHeaders }>((resolve, reject) => {
      const call = request({ ...pair.tls(localAddress), path, headers, agent: agent ?? false }, (answer) => {
        answer.resume().on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
      });
      call.on("error", reject);
      call.end();
    });
  }

  /** Opens as many silent connections as are accepted. */
  async function gather(localAddress: string, count: number): Promise<void> {
    for (let i = 0; i < count; i += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const socket = connect({ host: pair.holder, port: pair.entry, localAddress });
          socket.on("error", () => undefined);
          crowd.push(socket);
          await Promise.race([once(socket, "connect"), once(socket, "close"), sleep(1_000)]).catch(() => undefined);
        }),
      );
    }
  }

  function stillOpen(): number {
    return crowd.filter((socket) => socket.readyState === "open").length;
  }

  /** How many checks of each proxy have failed, by the holder's own count. */
  const failedChecks = () => metrics(/^haproxy_server_check_failures_total\{proxy="proxies",.*\} (\d+)$/gm);

  /** Counters of the holder's HAProxy. */
  async function metrics(pattern: RegExp): Promise<number[]> {
    const text = await (await fetch(`http://${pair.holder}:${ports.proxyMetrics}/metrics`)).text();
    return [...text.matchAll(pattern)].map(([, count]) => Number(count));
  }
});
