import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ports } from "../../topology/ports.ts";
import { ProxyPair, statusAt, until } from "./chain/proxy-pair.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("two proxies, of which the first holds the address,", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;

  beforeAll(async () => {
    pair = await ProxyPair.make({ network: "127.0.81" });
  });
  beforeEach(() => pair.start());
  afterAll(() => pair?.stop());

  it("both serve, and the holder is well", async () => {
    expect(new Set(await pair.served(8))).toEqual(new Set([pair.holder, pair.other]));
    expect(await statusAt(`http://${pair.holder}:${ports.proxyHealth}/healthz`)).toBe(200);
  });

  it("the counters of both daemons can be read, and nothing else beside them", async () => {
    const metrics = `http://${pair.holder}:${ports.proxyMetrics}`;
    expect(await statusAt(`${metrics}/metrics`)).toBe(200);
    expect(await statusAt(`${metrics}/status`)).toBe(200);
    expect(await statusAt(`${metrics}/healthz`)).toBe(404);
  });

  it("others learn from the holder whether it is master", async () => {
    const question = `http://${pair.holder}:${ports.proxyMetrics}/master`;
    expect(await statusAt(question)).toBe(404);
    pair.becomeMaster();
    expect(await statusAt(question)).toBe(200);
  });

  it("nothing but the question whether they serve is answered without TLS", async () => {
    const asked = (path: string) => statusAt(`http://${pair.holder}:${pair.entry}${path}`);
    expect(await asked("/healthz")).toBe(200);
    for (const path of ["/v2/", "/", "/without-tls"]) expect(await asked(path)).toBe(400);
  });

  it("no request fails when the holder's nginx crashes, and the holder is not well any more", async () => {
    await pair.kill("nginx proxy-1", "SIGKILL");
    expect(await pair.served(12)).toEqual(Array(12).fill(pair.other));
    await until(async () => (await statusAt(`http://${pair.holder}:${ports.proxyHealth}/healthz`)) === 503);
  });

  it("no request fails when the other proxy's nginx crashes", async () => {
    await pair.kill("nginx proxy-2", "SIGKILL");
    expect(await pair.served(12)).toEqual(Array(12).fill(pair.holder));
  });

  it("an nginx that hangs is left out within seconds, although its port is open", async () => {
    pair.signal("nginx proxy-2", "SIGSTOP");
    try {
      await until(async () => (await pair.served(8).catch(() => [])).length === 8);
      expect(await pair.served(12)).toEqual(Array(12).fill(pair.holder));
    } finally {
      pair.signal("nginx proxy-2", "SIGCONT");
    }
  });

  it("one is left out whose own HAProxy hangs: it would keep nginx from the registries", async () => {
    // Its kernel accepts connections, but nothing answers.
    const hanging = createServer(() => {}).listen(ports.proxyHealth, pair.other);
    try {
      await until(async () => (await pair.served(12)).every((server) => server === pair.holder));
    } finally {
      hanging.close();
      hanging.unref();
    }
  });

  it("both are dealt to when no check passes: then it is the checks that are at fault", async () => {
    await pair.kill("haproxy", "SIGTERM");
    pair.startHaproxy((text) =>
      text.replace("uri /healthz", "uri /no-such-page").replace(/ check inter 1s/, "$& port 1"),
    );
    await sleep(4_000);
    expect(new Set(await pair.served(8))).toEqual(new Set([pair.holder, pair.other]));
    await pair.kill("haproxy", "SIGTERM");
  });
});
