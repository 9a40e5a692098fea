import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Registry } from "./client.ts";

/** How a manifest or an index describes a part of the image. */
interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

/**
 * Uploads an image from an OCI image layout: parts before the manifest that names them, so that the tag, if any, is set last.
 *
 * @param reference a tag. @default - its digest
 * @throws OperatorError if the registry refuses
 */
export async function uploadLayout(
  registry: Registry,
  layout: string,
  { digest, mediaType }: Descriptor,
  reference = digest,
): Promise<void> {
  const text = readFileSync(fileOf(layout, digest), "utf8");
  const { manifests, config, layers } = JSON.parse(text) as {
    readonly manifests?: readonly Descriptor[];
    readonly config?: Descriptor;
    readonly layers?: readonly Descriptor[];
  };
  for (const inner of manifests ?? []) await uploadLayout(registry, layout, inner);
  for (const blob of [...(config ? [config] : []), ...(layers ?? [])]) {
    const content = () => createReadStream(fileOf(layout, blob.digest));
    await registry.upload({ digest: blob.digest, bytes: blob.size, content });
  }
  await registry.tag(reference, { digest, mediaType, text });
}

const fileOf = (layout: string, digest: string) => join(layout, "blobs", ...digest.split(":"));
