import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proxyCapacity } from "../../config/capacity.ts";
import { ports } from "../../topology/ports.ts";
import { ProxyPair } from "./chain/proxy-pair.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("HAProxy's memory", { haproxy: "haproxy", openssl: "openssl" });

/** Fills the buffers of HAProxy and those of the kernel before and behind it. */
const sent = Buffer.alloc(512 * 1024, "x");
const connections = 200;

describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  beforeAll(async () => {
    // Smaller buffers of the kernel, so that the test needs less memory itself.
    const small = ["rcvbuf.client", "rcvbuf.server", "sndbuf.client", "sndbuf.server"].map(
      (end) => `  tune.${end} 16384\n`,
    );
    pair = await ProxyPair.make({
      network: "127.0.84",
      haproxyCfg: (text) => text.replace("global\n", `global\n${small.join("")}`),
    });
    // In place of nginx and the registries: they send, and read nothing.
    servers.push(await silentReader(pair.holder, ports.proxyL7), await silentReader(pair.other, ports.proxyL7));
    servers.push(await silentReader(pair.registry, ports.registry));
    pair.startHaproxy();
    await sleep(1_000);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    pair?.stop();
  });

  it("is a quarter of a small machine's when all clients have filled every buffer, and a twentieth besides", async () => {
    const before = pair.memoryKib("haproxy");
    for (let i = 0; i < connections; i++) {
      sockets.push(await fill(pair.holder, pair.entry), await fill(pair.holder, ports.anyRegistry));
    }
    await sleep(3_000);
    const kibPerConnection = (pair.memoryKib("haproxy") - before) / connections;

    const all = proxyCapacity("t3.micro").connections;
    const machineKib = 1024 ** 2;
    expect(kibPerConnection * all).toBeLessThan(0.3 * machineKib);
    // They are full: otherwise this would show nothing.
    expect(kibPerConnection * all).toBeGreaterThan(0.24 * machineKib);
  }, 60_000);

  async function silentReader(host: string, port: number): Promise<Server> {
    const server = createServer({ pauseOnConnect: true }, (socket) => begin(socket)).listen(port, host);
    await once(server, "listening");
    return server;
  }

  async function fill(host: string, port: number): Promise<Socket> {
    const socket = connect({ host, port });
    await once(socket, "connect");
    return begin(socket.pause());
  }

  function begin(socket: Socket): Socket {
    socket.on("error", () => undefined).write(sent);
    return socket;
  }
});
