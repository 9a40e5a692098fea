import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { Client } from "../faults/client.ts";
import { acknowledgedReads, readerInput, readerScript, readsIn } from "../faults/final-reads.ts";
import type { HistoryEvent } from "../faults/history.ts";
import { digestsOf, randomImage } from "../faults/images.ts";
import { randomFor } from "../faults/random.ts";
import { FakeRegistry, type Mischief } from "../unit/faults/fake-registry.ts";

const image = randomImage(randomFor(1, "test"), "test", { repository: "r/1", tag: "t" }, []);
const pushed: HistoryEvent[] = [
  {
    ...{ type: "invoked", at: 1, operation: 1, client: 0, kind: "push", connection: "fresh" },
    ...{ repository: image.repository, tag: image.tag, image: digestsOf(image) },
  },
  { type: "completed", at: 2, operation: 1, result: "ok", bytes: 1 },
];

/** Results of the final reads of an image at a registry, by digest. */
async function readAt(mischief: Mischief): Promise<Map<string, string>> {
  const registry = new FakeRegistry(mischief);
  const target = await registry.start();
  try {
    await new Client(target, false).push(image, 1);
    const { stdout } = await execa("python3", ["-c", readerScript, target.host, String(target.port)], {
      input: readerInput(acknowledgedReads(pushed), target.auth),
    });
    return new Map(readsIn(stdout, "registry-1").map(({ digest, result }) => [digest, result]));
  } finally {
    registry.stop();
  }
}

const blobs = digestsOf(image).blobs;

describe("the last reads of a trial, at a registry", () => {
  it("that has all: find every digest", async () => {
    expect(await readAt({})).toEqual(new Map([image.digest, ...blobs].map((digest) => [digest, "ok"])));
  });

  it("that sends them to its storage for blobs: find every digest there", async () => {
    expect(await readAt({ redirects: true })).toEqual(
      new Map([image.digest, ...blobs].map((digest) => [digest, "ok"])),
    );
  });

  it("that has lost the manifest: miss it", async () => {
    expect((await readAt({ losesManifests: true })).get(image.digest)).toBe("missing");
  });

  it("that has lost the blobs: miss them", async () => {
    const found = await readAt({ losesBlobs: true });
    expect(blobs.map((digest) => found.get(digest))).toEqual(blobs.map(() => "missing"));
  });

  it("that has turned a bit: see that it is another blob", async () => {
    const found = await readAt({ flipsBits: true });
    expect(blobs.map((digest) => found.get(digest))).toEqual(blobs.map(() => "wrong"));
  });
});
