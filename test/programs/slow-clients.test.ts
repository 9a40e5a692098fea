import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useChain } from "./chain/use-chain.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("clients that pause", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

/** Longer than the default limits of these programs, and short enough for a test. */
const pauseMs = 75_000;
const mib = 1024 ** 2;
const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe.skipIf(skip)(title, () => {
  const chain = useChain();

  async function beginUpload(content: Buffer): Promise<string> {
    const begun = await chain().ask("POST", "/v2/app/blobs/uploads/");
    return `${begun.headers.location}&digest=${digestOf(content)}`;
  }

  it("get what they pull, from S3 and from the cache, and have pushed what they push", async () => {
    // More than all buffers on the way can hold.
    const [cold, warm, pushed] = [randomBytes(40 * mib), randomBytes(40 * mib), randomBytes(mib)] as const;
    for (const content of [cold, warm]) {
      const headers = { "content-type": "application/octet-stream", "content-length": String(content.length) };
      await chain().ask("PUT", await beginUpload(content), { body: content, headers });
    }
    const pathOf = (content: Buffer) => `/v2/app/blobs/${digestOf(content)}`;
    for (let i = 0; i < 3; i++) await chain().ask("GET", pathOf(warm));

    const [fromS3, fromCache, upload] = await Promise.all([
      chain().askWithPause("GET", pathOf(cold), pauseMs),
      chain().askWithPause("GET", pathOf(warm), pauseMs),
      chain().askWithPause("PUT", await beginUpload(pushed), pauseMs, pushed),
    ]);
    expect(digestOf(fromS3.body)).toBe(digestOf(cold));
    expect(digestOf(fromCache.body)).toBe(digestOf(warm));
    expect(upload.status).toBe(201);
  }, 200_000);
});
