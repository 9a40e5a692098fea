import { randomUUID } from "node:crypto";
import { access, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How a long step reports to its caller, and how the caller stops it. */
export interface Progress {
  /** Gets a short text at each stage. @default - silent */
  readonly onProgress?: (text: string) => void;
  /** Stops the step and kills its programs. @default - the step runs to its end */
  readonly signal?: AbortSignal;
}

/** Folder for everything that can be rebuilt: programs, the Go toolchain, the registry image. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.REGISTRY_CLUSTER_CACHE) return env.REGISTRY_CLUSTER_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "registry-cluster");
}

/** Lets `write` fill a temporary path, then renames it to `path`, so that nobody sees an incomplete file or folder. */
export async function writeAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Runs `work` while no other process does the same under `path`.
 *
 * The lock only saves work: cached files are written atomically and are identical whoever builds them. So no
 * harm is done in the unlikely case that two processes both remove the lock of a dead one.
 */
export async function withLock<T>(path: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(lock), { recursive: true });
  for (let waiting = false; !(await tryLock(lock)); ) {
    const holder = Number(await readFile(lock, "utf8").catch(() => 0));
    if (holder && !isRunning(holder)) {
      await rm(lock, { force: true });
      continue;
    }
    if (holder && !waiting) {
      progress.onProgress?.(`waiting for process ${holder}, which is building the same (${lock})`);
      waiting = true;
    }
    await sleep(200, undefined, { signal: progress.signal });
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** A link appears together with its content, so a lock always names its owner. */
async function tryLock(lock: string): Promise<boolean> {
  const own = `${lock}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs as another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** @returns whether there is a file or folder. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
