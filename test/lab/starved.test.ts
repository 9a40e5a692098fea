import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import { call, digestOf, holder, lab, proxies, registries, untilHealthy } from "./support.ts";
import { upload } from "./uploads.ts";

const count = 100;
const size = 4 * 1024 * 1024;
const fewAtOnce = pLimit(4);
const repository = "starved/app";

const theOtherProxy = async () => {
  const { name } = await holder();
  return proxies.find((proxy) => proxy.name !== name)!;
};

/** Who loses its processors, by the part it plays at that moment. */
const cases = [
  // The holder's own checks have about 10 s: what is near that also depends on who else uses this machine.
  ...[1, 3, 5].map((seconds) => ({ who: "the proxy that holds the address", find: holder, seconds })),
  { who: "the other proxy", find: theOtherProxy, seconds: 10 },
  { who: "a registry", find: async () => registries[0]!, seconds: 10 },
];

beforeAll(untilHealthy);
afterAll(() => heal(lab));

describe(`while ${count} clients upload`, () => {
  it.each(cases)("$who loses its processors for $seconds s, and no upload is cut", async ({ find, seconds }) => {
    const [victim, before] = [await find(), await holder()];
    const blobs = Array.from({ length: count }, () => randomBytes(size));
    // The first ones end while it has no processors, the last ones after it.
    const sendingMs = (index: number) => 4_000 + (index / count) * (seconds + 2) * 1_000;
    const uploads = Promise.allSettled(blobs.map((blob, index) => upload(repository, blob, sendingMs(index))));

    await sleep(3_000);
    await inject(lab, "cpu-starved", victim.name);
    await sleep(seconds * 1_000);
    await heal(lab);

    const cut = (await uploads).flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
    expect(cut).toEqual([]);
    expect((await holder()).name).toBe(before.name);
    const digests = blobs.map(digestOf);
    expect(await Promise.all(digests.map((digest) => fewAtOnce(() => pulled(digest))))).toEqual(digests);
  });
});

async function pulled(digest: string): Promise<string> {
  const { status, body } = await call("GET", `/v2/${repository}/blobs/${digest}`);
  return status === 200 ? digestOf(body) : String(status);
}
