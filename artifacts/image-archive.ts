import { sha256 } from "./locked.ts";
import { packTar, type TarEntry } from "./tar.ts";

/** A container image of one layer, for Linux on x86-64. */
export interface Image {
  /** Name and tag of the loaded image, such as `registry-cluster/registry:3.1.2`. */
  readonly reference: string;
  /** Time stamp of the image and of every file, the same on every machine. */
  readonly created: Date;
  /** `config` of the OCI image configuration: Entrypoint, Cmd, User, ... */
  readonly config: Readonly<Record<string, unknown>>;
  readonly entries: readonly TarEntry[];
}

export interface ImageArchive {
  /** The archive for `docker load`. */
  readonly bytes: Buffer;
  readonly sha256: string;
  /** The Id in `docker image inspect`, which `docker run` accepts: `sha256:` and the digest of the configuration. */
  readonly imageId: string;
}

/**
 * Packs an image so that the same input gives the same bytes: with fixed times and owners, and without compression,
 * because gzip output depends on the version of zlib, and Node may be built with any.
 */
export async function packImage({ reference, created, config, entries }: Image): Promise<ImageArchive> {
  const layer = await packTar(entries, created);
  const layerDigest = sha256(layer);
  const configuration = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      created: created.toISOString(),
      config,
      rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
      history: [{ created: created.toISOString(), created_by: "registry-cluster" }],
    }),
  );
  const configDigest = sha256(configuration);
  const manifest = [{ Config: `${configDigest}.json`, RepoTags: [reference], Layers: [`${layerDigest}.tar`] }];

  const bytes = await packTar(
    [
      { path: `${configDigest}.json`, mode: 0o644, content: configuration },
      { path: `${layerDigest}.tar`, mode: 0o644, content: layer },
      { path: "manifest.json", mode: 0o644, content: Buffer.from(JSON.stringify(manifest)) },
    ],
    created,
  );
  return { bytes, sha256: sha256(bytes), imageId: `sha256:${configDigest}` };
}
