import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir, exists, withLock, writeAtomically } from "../../../artifacts/cache.ts";

/** A Python environment, made once and kept in the cache. */
export interface Environment {
  /** Folder of the cache that it is kept in. */
  readonly name: string;
  /** Interpreter on PATH. */
  readonly python: string;
  /** Path of a requirements file. */
  readonly requirements: string;
  /** More options for pip. @default - none */
  readonly pipOptions?: readonly string[];
}

/** A Python that can run the project's Python tests. @returns its folder of programs. */
export function pythonForTests(): Promise<string> {
  const requirements = join(import.meta.dirname, "requirements.txt");
  return ensureEnvironment({ name: "python", python: "python3", requirements });
}

/** @returns the folder of programs of an environment that has the packages of its requirements file. */
export async function ensureEnvironment({ name, python, requirements, pipOptions = [] }: Environment): Promise<string> {
  const key = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheDir(), name, key);
  return withLock(folder, {}, async () => {
    const finished = join(folder, "finished");
    if (!(await exists(finished))) {
      await execa(python, ["-m", "venv", "--clear", folder]);
      const pip = join(folder, "bin", "pip");
      await execa(pip, ["install", "--quiet", ...pipOptions, "--requirement", requirements]);
      await writeAtomically(finished, (temporary) => execa("touch", [temporary]).then(() => {}));
    }
    return join(folder, "bin");
  });
}
