import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Chain } from "./chain.ts";

export const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

export const pathOf = (content: Buffer, repository = "app") => `/v2/${repository}/blobs/${digestOf(content)}`;

/** Puts a blob into the registry. @returns the same blob */
export async function push(chain: Chain, content: number | Buffer, repository = "app"): Promise<Buffer> {
  const blob = typeof content === "number" ? randomBytes(content) : content;
  const begun = await chain.ask("POST", `/v2/${repository}/blobs/uploads/`);
  const location = `${begun.headers.location}&digest=${digestOf(blob)}`;
  const headers = { "content-type": "application/octet-stream", "content-length": String(blob.length) };
  expect(await chain.ask("PUT", location, { body: blob, headers })).toMatchObject({ status: 201 });
  return blob;
}
