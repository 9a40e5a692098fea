import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir, exists, withLock, writeAtomically } from "../../../artifacts/cache.ts";

const requirements = join(import.meta.dirname, "requirements.txt");

/** A Python that has the packages of requirements.txt, made once and kept in the cache. @returns its folder of programs. */
export async function pythonForTests(): Promise<string> {
  const key = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheDir(), "python", key);
  return withLock(folder, {}, async () => {
    const finished = join(folder, "finished");
    if (!(await exists(finished))) {
      await execa("python3", ["-m", "venv", "--clear", folder]);
      await execa(join(folder, "bin", "pip"), ["install", "--quiet", "--requirement", requirements]);
      await writeAtomically(finished, (temporary) => execa("touch", [temporary]).then(() => {}));
    }
    return join(folder, "bin");
  });
}
