import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { run, uninterrupted } from "./program.ts";

/**
 * Creates a folder that nobody else can read, and always removes it with its contents afterwards. First it removes what killed runs
 * have left behind.
 */
export async function withTemporaryFolder<T>(purpose: string, use: (folder: string) => Promise<T>): Promise<T> {
  leftovers ??= removeLeftovers();
  await leftovers;
  const folder = await mkdtemp(
    join(tmpdir(), `registry-cluster-${purpose}-${world()}-${process.pid}-${startOf(process.pid)}-`),
  );
  try {
    return await use(folder);
  } finally {
    await remove(folder);
  }
}

let leftovers: Promise<void> | undefined;

/**
 * Removes the folders of processes that have ended. Those of another boot, machine or container are removed only when they are days
 * old, because it cannot be seen from here whether their process still runs.
 */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const [, of, pid, start] = /^registry-cluster-[a-z]+-([0-9a-f]{8})-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    if (of === undefined || pid === undefined) continue;
    const folder = join(tmpdir(), name);
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) continue;
    const isOver =
      of === world() ? startOf(Number(pid)) !== start : Date.now() - stat.mtimeMs > strangersDays * 86_400_000;
    if (isOver) await remove(folder).catch(() => {});
  }
}

const strangersDays = 3;

/** Rootless builds leave files of subordinate users, which can be removed only inside their user namespace. */
async function remove(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (process.getuid?.() === 0) throw error;
    await run("buildah", ["unshare", "rm", "-rf", folder], uninterrupted).catch(() => {
      throw error;
    });
  }
}

/** Names the scope in which a process id is unambiguous: one boot of one machine or container. */
function world(): string {
  const read = (what: () => string) => {
    try {
      return what();
    } catch {
      return "";
    }
  };
  const boot = read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const namespace = read(() => readlinkSync("/proc/self/ns/pid"));
  return createHash("sha256").update([hostname(), boot, namespace].join()).digest("hex").slice(0, 8);
}

/** When a process started, because process ids are reused. @returns "" if there is no such process; 0 if that cannot be known */
function startOf(pid: number): string {
  try {
    // The program's name comes before it, and may contain spaces and brackets.
    return (
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? "0"
    );
  } catch {
    return process.platform === "linux" ? "" : isThere(pid);
  }
}

function isThere(pid: number): string {
  try {
    process.kill(pid, 0);
    return "0";
  } catch {
    return "";
  }
}
