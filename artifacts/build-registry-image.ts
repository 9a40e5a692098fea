import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Progress } from "./cache.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { type ImageArchive, packImage } from "./image-archive.ts";
import { ensureArchive, mustEqual, sha256, writeLock } from "./locked.ts";
import { type RegistryImageLock, registryImage, registryImageReference } from "./registry-image.ts";

const lockPath = fileURLToPath(new URL("registry-image.lock.json", import.meta.url));
const modulePath = "github.com/distribution/distribution/v3";

/**
 * Makes sure that the registry image's archive is in the cache, byte for byte as locked.
 *
 * @param lock what to build. @default - the lock of this version of the project
 * @returns the path of the archive
 */
export function ensureRegistryImage(progress: Progress = {}, lock: RegistryImageLock = registryImage): Promise<string> {
  const { version, goVersion, archiveSha256 } = lock;
  const isLocked = (what: string, expected: string, got: string) =>
    mustEqual(
      `the registry ${what} of version ${version}, built with ${goVersion},`,
      "registry-image.lock.json",
      expected,
      got,
    );
  const make = async () => {
    const binary = await readFile(await buildGoProgram(registryProgram(lock), progress));
    isLocked("program", lock.binarySha256, sha256(binary));
    progress.onProgress?.(`packing ${registryImageReference(version)}`);
    const archive = await packRegistryImage(binary, lock);
    isLocked("image archive", archiveSha256, archive.sha256);
    return archive.bytes;
  };
  return ensureArchive({ archiveSha256, make }, progress);
}

/** Builds the image with the given version and toolchain, and locks the result. */
export async function updateRegistryImageLock(
  inputs: Pick<RegistryImageLock, "version" | "released" | "goVersion"> = registryImage,
  progress: Progress = {},
  path: string = lockPath,
): Promise<RegistryImageLock> {
  const { version, released, goVersion } = inputs;
  const binary = await readFile(await buildGoProgram(registryProgram(inputs), progress));
  const archive = await packRegistryImage(binary, inputs);
  const lock: RegistryImageLock = {
    version,
    released,
    goVersion,
    binarySha256: sha256(binary),
    archiveSha256: archive.sha256,
    imageId: archive.imageId,
  };
  await writeLock(path, lock);
  return lock;
}

/** The registry: distribution with our additions in `registry/`, stamped with its version like the official image. */
export function registryProgram({ version, goVersion }: Pick<RegistryImageLock, "version" | "goVersion">): GoProgram {
  return {
    packagePath: `${modulePath}/cmd/registry`,
    version: `v${version}`,
    goVersion,
    source: fileURLToPath(new URL("registry", import.meta.url)),
    ldflags: `-s -w -X ${modulePath}/version.version=${version}`,
  };
}

/** An image with one static program and a folder for its temporary files. */
export function packRegistryImage(
  binary: Buffer,
  { version, released }: Pick<RegistryImageLock, "version" | "released">,
): Promise<ImageArchive> {
  return packImage({
    reference: registryImageReference(version),
    created: new Date(released),
    config: {
      Entrypoint: ["/registry"],
      Cmd: ["serve", "/etc/distribution/config.yml"],
      // Without this the registry sends traces to localhost:4318, where nothing listens.
      Env: ["OTEL_TRACES_EXPORTER=none"],
      User: "65532:65532",
      WorkingDir: "/",
      Labels: {
        "org.opencontainers.image.title": "distribution registry",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.source": "https://github.com/distribution/distribution",
        "org.opencontainers.image.licenses": "Apache-2.0",
      },
    },
    entries: [
      { path: "registry", mode: 0o755, content: binary },
      { path: "tmp/", mode: 0o1777 },
    ],
  });
}
