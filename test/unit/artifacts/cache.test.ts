import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { cacheDir, withLock, writeAtomically } from "../../../artifacts/cache.ts";
import { useEmptyCache } from "./support.ts";

describe("the cache", () => {
  it("is where REGISTRY_CLUSTER_CACHE says", () => {
    expect(cacheDir({ REGISTRY_CLUSTER_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
  });

  it("is in the folder that XDG_CACHE_HOME names otherwise", () => {
    expect(cacheDir({ XDG_CACHE_HOME: "/b" })).toBe("/b/registry-cluster");
  });

  it("is in the home folder's .cache by default", () => {
    expect(cacheDir({})).toBe(join(homedir(), ".cache", "registry-cluster"));
  });
});

describe("a file that is written atomically", () => {
  const folder = useEmptyCache();

  it("appears with its whole content, in a folder that need not be there", async () => {
    const path = join(folder(), "new", "file");
    await writeAtomically(path, (temporary) => writeFile(temporary, "all of it"));
    expect(await readFile(path, "utf8")).toBe("all of it");
  });

  it("stays as it was when writing fails, and leaves nothing beside it", async () => {
    const path = join(folder(), "file");
    await writeFile(path, "before");
    const writing = writeAtomically(path, async (temporary) => {
      await writeFile(temporary, "half");
      throw new Error("disk full");
    });
    await expect(writing).rejects.toThrow("disk full");
    expect(await readFile(path, "utf8")).toBe("before");
    expect(await readdir(folder())).toEqual(["file"]);
  });
});

describe("a lock", () => {
  const folder = useEmptyCache();

  it("lets one at a time work", async () => {
    const path = join(folder(), "thing");
    let working = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++working);
      await sleep(50);
      working--;
    };
    await Promise.all([withLock(path, {}, work), withLock(path, {}, work), withLock(path, {}, work)]);
    expect(most).toBe(1);
  });

  it("is released when the work fails", async () => {
    const path = join(folder(), "thing");
    const failing = withLock(path, {}, () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    expect(await withLock(path, {}, async () => "worked")).toBe("worked");
  });

  it("of a process that is gone is cleared away", async () => {
    const path = join(folder(), "thing");
    const { pid } = spawnSync("true");
    await writeFile(`${path}.lock`, String(pid));
    expect(await withLock(path, {}, async () => "worked")).toBe("worked");
  });

  it("says for whom it waits, once, and stops waiting when told to", async () => {
    const path = join(folder(), "thing");
    await writeFile(`${path}.lock`, String(process.pid));
    const said: string[] = [];
    const waiting = withLock(
      path,
      { onProgress: (text) => said.push(text), signal: AbortSignal.timeout(500) },
      async () => "worked",
    );
    await expect(waiting).rejects.toThrow("aborted");
    expect(said).toEqual([expect.stringContaining(`waiting for process ${process.pid}`)]);
  });
});
