import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir, exists, withLock, writeAtomically } from "../../artifacts/cache.ts";

const requirements = join(import.meta.dirname, "..", "..", "salt", "requirements.txt");

/** The very Salt that nodes run, installed once and kept in the cache. Needs Python 3.11. @returns the path of salt-call */
export async function saltForTests(): Promise<string> {
  const key = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheDir(), "salt", key);
  return withLock(folder, {}, async () => {
    const finished = join(folder, "finished");
    if (!(await exists(finished))) {
      await execa("python3.11", ["-m", "venv", "--clear", folder]);
      const pip = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--requirement",
        requirements,
      ];
      await execa(join(folder, "bin", "pip"), pip);
      await writeAtomically(finished, (temporary) => execa("touch", [temporary]).then(() => {}));
    }
    return join(folder, "bin", "salt-call");
  });
}
