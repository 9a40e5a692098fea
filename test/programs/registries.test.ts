import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { useChain } from "./chain/use-chain.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("two registries behind a proxy", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

describe.skipIf(skip)(title, () => {
  const chain = useChain();
  afterEach(() => chain().signalRegistry(0, "SIGCONT"));

  it("serve reads and writes within seconds when one of them hangs, although its port is open", async () => {
    chain().signalRegistry(0, "SIGSTOP");
    await sleep(15_000);
    expect(await statuses(12)).toEqual(Array(12).fill([200, 202]));
  }, 60_000);

  it("both work again as soon as it goes on", async () => {
    await sleep(4_000);
    expect(await statuses(4)).toEqual(Array(4).fill([200, 202]));
  }, 60_000);

  it("end a read that waits for a registry that hangs, by asking the other one", async () => {
    chain().signalRegistry(0, "SIGSTOP");
    const answers = await Promise.all(Array.from({ length: 16 }, () => chain().ask("GET", "/v2/")));
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
  }, 60_000);

  it("fail no write when one of them dies", async () => {
    // Until the hung one has passed its checks again.
    await sleep(5_000);
    chain().signalRegistry(1, "SIGKILL");
    expect(await statuses(12)).toEqual(Array(12).fill([200, 202]));
  }, 60_000);

  it("are asked by nginx itself while this proxy has no HAProxy", async () => {
    chain().killHaproxy();
    const fromOtherProxy = true;
    for (let i = 0; i < 8; i++) {
      expect(await chain().ask("GET", "/v2/", { fromOtherProxy })).toMatchObject({ status: 200 });
      expect(await chain().ask("POST", "/v2/app/blobs/uploads/", { fromOtherProxy })).toMatchObject({ status: 202 });
    }
  }, 60_000);

  /** Reads something and starts an upload, this many times. */
  async function statuses(times: number): Promise<number[][]> {
    const found: number[][] = [];
    for (let i = 0; i < times; i++) {
      const read = await chain().ask("GET", "/v2/");
      const write = await chain().ask("POST", "/v2/app/blobs/uploads/");
      found.push([read.status, write.status]);
    }
    return found;
  }
});
