import { randomUUID } from "node:crypto";
import { access, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a long step tells its caller, and how the caller stops it. */
export interface Progress {
  /** Called with a short text at each step. @default - silent */
  readonly onProgress?: (text: string) => void;
  /** Stops the step; programs it started are killed. @default - runs to the end */
  readonly signal?: AbortSignal;
}

/** Folder for what can be made again: programs, the Go toolchain, the registry image. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.REGISTRY_CLUSTER_CACHE) return env.REGISTRY_CLUSTER_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "registry-cluster");
}

/** Lets `write` fill a temporary path, then renames it to `path`: nobody ever sees half a file or folder. */
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
 * The lock only saves work: what is cached is written atomically and is the same whoever makes it. So the
 * small chance that two processes both clear away a dead one's lock does no harm.
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
      progress.onProgress?.(`waiting for process ${holder}, which makes the same (${lock})`);
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

/** A link appears with its content: there is never a lock that does not say whose it is. */
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
    // EPERM: it runs, as another user.
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
