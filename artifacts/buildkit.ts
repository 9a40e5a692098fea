import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import lockContent from "./buildkit.lock.json" with { type: "json" };
import type { Progress } from "./cache.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { archivePath, ensureArchive, mustEqual, sha256, writeLock } from "./locked.ts";
import { packTar } from "./tar.ts";

/** The one BuildKit that builder nodes run: what to build, and the hash of the result. */
export interface BuildkitLock {
  /** Release of BuildKit, such as `0.34.2`. */
  readonly version: string;
  /** Exact Go toolchain, such as `go1.26.11`. */
  readonly goVersion: string;
  /** Hash of the tar with the daemon and its client. */
  readonly archiveSha256: string;
}

const lockPath = fileURLToPath(new URL("buildkit.lock.json", import.meta.url));
const modulePath = "github.com/moby/buildkit";

/** BuildKit's programs that a builder node runs: the daemon, and the client that talks to it. */
export const buildkitPrograms = ["buildkitd", "buildctl"] as const;

/** The BuildKit of this version of the project. */
export const buildkit = {
  ...(lockContent as BuildkitLock),
  /** The archive in the cache; `ensureBuildkit` puts it there. */
  archivePath: () => archivePath(lockContent.archiveSha256),
} as const;

/**
 * Makes sure that the archive of BuildKit's programs is in the cache, byte for byte as locked.
 *
 * @returns the path of the archive
 */
export function ensureBuildkit(progress: Progress = {}, lock: BuildkitLock = buildkit): Promise<string> {
  const { version, goVersion, archiveSha256 } = lock;
  const make = async () => {
    const archive = await packBuildkit(lock, progress);
    mustEqual(`BuildKit ${version}, built with ${goVersion},`, "buildkit.lock.json", archiveSha256, sha256(archive));
    return archive;
  };
  return ensureArchive({ archiveSha256, make }, progress);
}

/** Builds with the given version and toolchain, and locks the result. */
export async function updateBuildkitLock(
  { version, goVersion }: Pick<BuildkitLock, "version" | "goVersion"> = buildkit,
  progress: Progress = {},
  path: string = lockPath,
): Promise<BuildkitLock> {
  const archive = await packBuildkit({ version, goVersion }, progress);
  const lock: BuildkitLock = { version, goVersion, archiveSha256: sha256(archive) };
  await writeLock(path, lock);
  return lock;
}

/** One of BuildKit's programs, stamped with its version like the official release. */
export function buildkitProgram(
  name: (typeof buildkitPrograms)[number],
  { version, goVersion }: Pick<BuildkitLock, "version" | "goVersion"> = buildkit,
): GoProgram {
  return {
    packagePath: `${modulePath}/cmd/${name}`,
    version: `v${version}`,
    goVersion,
    ldflags: `-s -w -X ${modulePath}/version.Version=v${version}`,
  };
}

async function packBuildkit(lock: Pick<BuildkitLock, "version" | "goVersion">, progress: Progress): Promise<Buffer> {
  const entries = [];
  for (const name of buildkitPrograms) {
    const content = await readFile(await buildGoProgram(buildkitProgram(name, lock), progress));
    entries.push({ path: name, mode: 0o755, content });
  }
  return packTar(entries, new Date(0));
}
