import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chain } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("a reload of nginx", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

describe.skipIf(skip)(title, () => {
  let chain: Chain;
  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    chain = await Chain.start();
  }, 60_000);
  afterAll(() => chain?.stop());

  it("loses no request of clients that keep their connections", async () => {
    let isDone = false;
    let answered = 0;
    const failures: unknown[] = [];
    const keepPosting = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (!isDone) {
        try {
          // Nothing that is stored, but a request that nobody repeats.
          const { status } = await chain.ask("POST", "/v2/", { agent });
          if (status < 500) answered += 1;
          else failures.push(status);
        } catch (error) {
          failures.push(error);
        }
        await sleep(5);
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 8 }, keepPosting);
    for (let i = 0; i < 5; i++) await chain.reloadNginxGently();
    isDone = true;
    await Promise.all(clients);
    expect(answered).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });
});
