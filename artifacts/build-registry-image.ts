import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { exists, type Progress, withLock, writeAtomically } from "./cache.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { type ImageArchive, packImage } from "./image-archive.ts";
import {
  type RegistryImageLock,
  registryImage,
  registryImageArchivePath,
  registryImageReference,
} from "./registry-image.ts";

const lockPath = fileURLToPath(new URL("registry-image.lock.json", import.meta.url));
const modulePath = "github.com/distribution/distribution/v3";

/**
 * Makes sure that the registry image's archive is in the cache, byte for byte as the lock says.
 *
 * @param lock what to make. @default - the lock of this version of the project
 * @returns the path of the archive
 */
export async function ensureRegistryImage(
  progress: Progress = {},
  lock: RegistryImageLock = registryImage,
): Promise<string> {
  const path = registryImageArchivePath(lock);
  return withLock(path, progress, async () => {
    if ((await exists(path)) && sha256(await readFile(path)) === lock.archiveSha256) return path;

    const binary = await readFile(await buildGoProgram(registryProgram(lock), progress));
    mustEqual("program", lock.binarySha256, sha256(binary), lock);
    progress.onProgress?.(`packing ${registryImageReference(lock.version)}`);
    const archive = await packRegistryImage(binary, lock);
    mustEqual("image archive", lock.archiveSha256, archive.sha256, lock);
    await writeAtomically(path, (temporary) => writeFile(temporary, archive.bytes));
    return path;
  });
}

/** Builds the image of the version and toolchain that the lock names, whatever comes out, and locks that. */
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
  await writeAtomically(path, (temporary) => writeFile(temporary, `${JSON.stringify(lock, null, 2)}\n`));
  return lock;
}

/** The registry: distribution with what `registry/` adds to it, stamped with its version as in its makers' own image. */
export function registryProgram({ version, goVersion }: Pick<RegistryImageLock, "version" | "goVersion">): GoProgram {
  return {
    packagePath: `${modulePath}/cmd/registry`,
    version: `v${version}`,
    goVersion,
    source: fileURLToPath(new URL("registry", import.meta.url)),
    ldflags: `-s -w -X ${modulePath}/version.version=${version}`,
  };
}

/** An image of one static program and the folder that it needs for temporary files. */
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
      // Without this the registry sends traces to localhost:4318, where nobody listens.
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

function mustEqual(what: string, expected: string, got: string, { version, goVersion }: RegistryImageLock): void {
  if (got === expected) return;
  throw new Error(
    `the registry ${what} of version ${version}, built with ${goVersion}, has the sha256 ${got}, but artifacts/registry-image.lock.json ` +
      `allows only ${expected}; if you changed the version or the toolchain on purpose, run 'registry-cluster artifacts lock' and review the new lock`,
  );
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
