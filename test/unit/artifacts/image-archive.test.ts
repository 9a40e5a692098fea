import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract, type Header } from "tar-stream";
import { describe, expect, it } from "vitest";
import { type Image, packImage } from "../../../artifacts/image-archive.ts";

const image: Image = {
  reference: "demo/tool:1.0",
  created: new Date("2026-01-02T03:04:05Z"),
  config: { Entrypoint: ["/tool"], User: "65532:65532" },
  entries: [
    { path: "tool", mode: 0o755, content: Buffer.from("program") },
    { path: "tmp/", mode: 0o1777 },
  ],
};

async function unpack(archive: Buffer): Promise<Array<{ header: Header; content: Buffer }>> {
  const entries: Array<{ header: Header; content: Buffer }> = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    entries.push({ header: entry.header, content: await buffer(entry) });
  }
  return entries;
}

async function filesOf(archive: Buffer): Promise<Map<string, Buffer>> {
  return new Map((await unpack(archive)).map(({ header, content }) => [header.name, content]));
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("an image archive", () => {
  it("is the same, byte for byte, each time", async () => {
    const [one, other] = [await packImage(image), await packImage(image)];
    expect(one.bytes.equals(other.bytes)).toBe(true);
    expect(one.sha256).toBe(sha256(one.bytes));
  });

  it("is another one when a file's content is", async () => {
    const changed = { ...image, entries: [{ path: "tool", mode: 0o755, content: Buffer.from("other") }] };
    expect((await packImage(changed)).imageId).not.toBe((await packImage(image)).imageId);
  });

  it("names the configuration by its digest, which is the image's id", async () => {
    const { bytes, imageId } = await packImage(image);
    const files = await filesOf(bytes);
    const [manifest] = JSON.parse(String(files.get("manifest.json")));
    expect(manifest.RepoTags).toEqual(["demo/tool:1.0"]);
    expect(`sha256:${sha256(files.get(manifest.Config) as Buffer)}`).toBe(imageId);
  });

  it("holds the configuration as asked, with the digest of its one layer", async () => {
    const files = await filesOf((await packImage(image)).bytes);
    const [manifest] = JSON.parse(String(files.get("manifest.json")));
    const configuration = JSON.parse(String(files.get(manifest.Config)));
    expect(configuration).toMatchObject({
      architecture: "amd64",
      os: "linux",
      created: "2026-01-02T03:04:05.000Z",
      config: { Entrypoint: ["/tool"], User: "65532:65532" },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(files.get(manifest.Layers[0]) as Buffer)}`] },
    });
  });

  it("holds files and folders of root, with their modes and one fixed time", async () => {
    const files = await filesOf((await packImage(image)).bytes);
    const [manifest] = JSON.parse(String(files.get("manifest.json")));
    const layer = await unpack(files.get(manifest.Layers[0]) as Buffer);
    const root = { uid: 0, gid: 0, mtime: image.created };
    expect(layer.map(({ header }) => header)).toMatchObject([
      { name: "tool", type: "file", mode: 0o755, ...root },
      { name: "tmp/", type: "directory", mode: 0o1777, ...root },
    ]);
    expect(String(layer[0]?.content)).toBe("program");
  });
});
