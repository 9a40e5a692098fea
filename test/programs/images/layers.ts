import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import type { TestRegistry } from "./registry.ts";

/** A file of an image. */
export interface ImageFile {
  readonly path: string;
  readonly mode: number | undefined;
  readonly text: string;
}

/** @returns the files of an image's layers, the last layer's first. */
export async function layersOf(registry: TestRegistry, name: string, tag: string): Promise<ImageFile[]> {
  const manifest = await (await registry.ask(`${name}/manifests/${tag}`)).json();
  const { layers } = manifest as { layers: { digest: string }[] };
  const files = await Promise.all(
    layers.map(async ({ digest }) => {
      const blob = Buffer.from(await (await registry.ask(`${name}/blobs/${digest}`)).arrayBuffer());
      return filesIn(blob);
    }),
  );
  return files.reverse().flat();
}

async function filesIn(layer: Buffer): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  const isCompressed = layer[0] === 0x1f && layer[1] === 0x8b;
  const tar = Readable.from([isCompressed ? gunzipSync(layer) : layer]).pipe(extract());
  for await (const entry of tar) {
    files.push({ path: entry.header.name, mode: entry.header.mode, text: await text(entry) });
  }
  return files;
}
