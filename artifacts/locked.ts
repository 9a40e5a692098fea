import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../common/errors.ts";
import { cacheDir, exists, type Progress, withLock, writeAtomically } from "./cache.ts";

/** An archive whose hash is in a lock file of this folder. */
export interface LockedArchive {
  readonly archiveSha256: string;
  /** Builds it, and throws if the hash differs: see `mustEqual`. */
  readonly make: () => Promise<Buffer>;
}

/** Path of such an archive. This one folder has everything that a deployment uploads, and CI passes it from job to job. */
export const archivePath = (archiveSha256: string) => join(cacheDir(), "images", `${archiveSha256}.tar`);

/** Makes sure that an archive is in the cache, byte for byte as locked. @returns its path */
export async function ensureArchive({ archiveSha256, make }: LockedArchive, progress: Progress): Promise<string> {
  const path = archivePath(archiveSha256);
  return withLock(path, progress, async () => {
    if ((await exists(path)) && sha256(await readFile(path)) === archiveSha256) return path;
    const bytes = await make();
    await writeAtomically(path, (temporary) => writeFile(temporary, bytes));
    return path;
  });
}

/**
 * @param what was built: `the program of version 1, built with go1,`
 * @param lockFile its name in this folder
 */
export function mustEqual(what: string, lockFile: string, expected: string, got: string): void {
  if (got === expected) return;
  throw new OperatorError(`${what} is not the one that artifacts/${lockFile} locks`, {
    cause: `it has the sha256 ${got}, but only ${expected} is allowed`,
    fix: "if you changed the version or the toolchain on purpose: registry-cluster artifacts lock, and review the new lock",
  });
}

export async function writeLock(path: string, lock: object): Promise<void> {
  await writeAtomically(path, (temporary) => writeFile(temporary, `${JSON.stringify(lock, null, 2)}\n`));
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
