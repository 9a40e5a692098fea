import { createHash } from "node:crypto";
import type { ImageDigests } from "./history.ts";
import { bytesNamed, type Random } from "./random.ts";

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** A part of an image. Its bytes are generated on demand. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
  bytes(): Buffer;
}

/** A random image, ready to be pushed. */
export interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: Buffer;
  readonly digest: string;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const KiB = 1024;
const MiB = 1024 * KiB;
/** Larger than the part size of the registry's S3 driver, so that the upload has several parts. */
const bigLayer = 11 * MiB;

/**
 * An image of one to three layers, most of them small, some shared with an existing image.
 *
 * @param name of the image, which decides its bytes. No two images may ever share it: otherwise a lost one could look present
 *   because of an older one
 * @param known layers that the registry has acknowledged in this repository
 */
export function randomImage(random: Random, name: string, where: Tag, known: readonly Blob[]): Image {
  const layers = Array.from({ length: random.between(1, 3) }, (_, index) =>
    known.length > 0 && random.onceIn(5)
      ? random.pick(known)
      : blobNamed(`${name} layer ${index}`, random.onceIn(80) ? bigLayer : layerSize(random)),
  );
  const config = jsonBlob({ architecture: "amd64", os: "linux", created: name, rootfs: { type: "layers" } });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.size },
      layers: layers.map(({ digest, size }) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        digest,
        size,
      })),
    }),
  );
  return { ...where, manifest, digest: digestOf(manifest), config, layers };
}

/** The place of an image. */
export interface Tag {
  readonly repository: string;
  readonly tag: string;
}

export const digestsOf = (image: Image): ImageDigests => ({
  manifest: image.digest,
  blobs: blobsOf(image).map(({ digest }) => digest),
});

/** All blobs of an image, each once. */
export const blobsOf = ({ config, layers }: Image): Blob[] => [
  ...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values(),
];

/** From 2 KiB to 2 MiB, with the same probability for each doubling. */
function layerSize(random: Random): number {
  const least = 2 ** random.between(11, 20);
  return random.between(least, 2 * least);
}

function blobNamed(name: string, size: number): Blob {
  const bytes = () => bytesNamed(name, size);
  return { digest: digestOf(bytes()), size, bytes };
}

function jsonBlob(value: unknown): Blob {
  const bytes = Buffer.from(JSON.stringify(value));
  return { digest: digestOf(bytes), size: bytes.length, bytes: () => bytes };
}
