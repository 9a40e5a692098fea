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

const theOtherProxyAndARegistry = async () => {
  const { name } = await holder();
  return [proxies.find((proxy) => proxy.name !== name)!, registries[0]!];
};

/** Who loses its processors, by the part it plays at that moment. */
const cases = [
  // The holder's own checks have about 10 s: what is near that also depends on who else uses this machine.
  { who: "the proxy that holds the address", find: async () => [await holder()], seconds: 3 },
  { who: "the other proxy and a registry", find: theOtherProxyAndARegistry, seconds: 10 },
];

beforeAll(untilHealthy);
afterAll(() => heal(lab));

describe(`while ${count} clients upload`, () => {
  it.each(cases)("no upload is cut when $who cannot run for $seconds s", async ({ find, seconds }) => {
    const [victims, before] = [await find(), await holder()];
    const blobs = Array.from({ length: count }, () => randomBytes(size));
    // The first ones end while it has no processors, the last ones after it.
    const sendingMs = (index: number) => 4_000 + (index / count) * (seconds + 2) * 1_000;
    const uploads = Promise.allSettled(blobs.map((blob, index) => upload(repository, blob, sendingMs(index))));

    await sleep(3_000);
    for (const { name } of victims) await inject(lab, "cpu-starved", name);
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
