import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ports } from "../../topology/ports.ts";
import { ProxyPair, statusAt, until } from "./chain/proxy-pair.ts";
import { FakeRegistry, type Transfer } from "./fake-registry.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("a proxy", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

/** Stopped programs simulate a machine whose cores are busy. */
describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;
  let registry: FakeRegistry;

  beforeAll(async () => {
    pair = await ProxyPair.make({ network: "127.0.83" });
    registry = await FakeRegistry.start(pair);
  });
  beforeEach(() => pair.start());
  afterEach(() => {
    for (const program of ["nginx proxy-1", "nginx proxy-2", "haproxy"]) pair.signal(program, "SIGCONT");
  });
  afterAll(() => {
    pair?.stop();
    registry?.stop();
  });

  const startTransfers = () => Promise.all(Array.from({ length: 20 }, () => registry.startTransfer()));
  const ended = (transfers: readonly Transfer[]) => Promise.all(transfers.map((transfer) => transfer.end()));
  const allWhole = Array(20).fill("begin, end");

  it("whose nginx does not answer for 10 s gets no new connections within 5 s, and keeps its transfers", async () => {
    const transfers = await startTransfers();
    pair.signal("nginx proxy-2", "SIGSTOP");
    await sleep(5_000);
    expect(await pair.served(12)).toEqual(Array(12).fill(pair.holder));
    await sleep(5_000);
    pair.signal("nginx proxy-2", "SIGCONT");

    expect(await ended(transfers)).toEqual(allWhole);
    await until(async () => new Set(await pair.served(8)).size === 2);
  });

  it("does not give the address away while its nginx is busy for 8 s, but when it hangs", async () => {
    const health = () => statusAt(`http://${pair.holder}:${ports.proxyHealth}/healthz`);
    pair.signal("nginx proxy-1", "SIGSTOP");
    await sleep(8_000);
    expect(await health()).toBe(200);
    await sleep(6_000);
    expect(await health()).toBe(503);
  });

  it("has its transfers cut when it is gone", async () => {
    const transfers = await startTransfers();
    await pair.kill("nginx proxy-2", "SIGKILL");
    await until(async () => transfers.filter((transfer) => !transfer.isOpen()).length >= 5);
    expect((await ended(transfers)).filter((text) => text === "begin, end").length).toBeGreaterThanOrEqual(5);
  });

  it("whose HAProxy gets no processor for moments keeps all transfers", async () => {
    const transfers = await startTransfers();
    for (let i = 0; i < 10; i++) {
      for (const program of ["haproxy", "nginx proxy-1", "nginx proxy-2"]) pair.signal(program, "SIGSTOP");
      await sleep(900);
      for (const program of ["haproxy", "nginx proxy-1", "nginx proxy-2"]) pair.signal(program, "SIGCONT");
      await sleep(100);
    }
    expect(await ended(transfers)).toEqual(allWhole);
  });
});
