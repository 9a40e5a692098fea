import { once } from "node:events";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProxyPair } from "./chain/proxy-pair.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("a proxy", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;
  let registry: FakeRegistry;

  beforeAll(async () => {
    pair = await ProxyPair.make({ network: "127.0.84" });
    registry = await FakeRegistry.start(pair);
    await pair.start();
  }, 60_000);
  afterAll(() => {
    pair?.stop();
    registry?.stop();
  });

  /** Sends lines as they are. @returns the answer. */
  async function answerTo(...lines: string[]): Promise<string> {
    const socket = connect(pair.tls(), () => socket.write(`${lines.join("\r\n")}\r\n\r\n`));
    let answer = "";
    socket.setEncoding("utf8").on("data", (part) => {
      answer += part;
    });
    await once(socket, "close");
    return answer;
  }

  it("answers HTTP/1.0 without a host, as simple load balancers speak", async () => {
    expect(await answerTo("GET /v2/ HTTP/1.0")).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([9, 30])("passes on a login of %i KiB", async (kib) => {
    const login = `Authorization: Bearer ${"x".repeat(kib * 1024)}`;
    const answer = await answerTo("GET /v2/ HTTP/1.1", "Host: registry.example.internal", login, "Connection: close");
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("says at any other path what it is", async () => {
    for (const path of ["/", "/index.html"]) {
      const answer = await answerTo(`GET ${path} HTTP/1.1`, "Host: registry.example.internal");
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer).toContain("Here is a container registry, for docker login registry.example.internal");
    }
  });
});
