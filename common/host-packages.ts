import { existsSync } from "node:fs";
import { execa } from "execa";
import { OperatorError } from "./errors.ts";
import { run } from "./program.ts";

/** Whether missing programs may be installed here: as root, with apt. */
export function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/**
 * Makes sure that programs are installed. Installs missing ones from Debian packages, and reports that first.
 *
 * @param packageOf the Debian package of each program.
 * @throws OperatorError with the exact command to run, where it may not install packages itself.
 */
export async function ensurePackages(
  packageOf: Readonly<Record<string, string>>,
  onProgress: (text: string) => void,
): Promise<void> {
  const absent = await missingPrograms(Object.keys(packageOf));
  const missing = [...new Set(absent.map((program) => packageOf[program] as string))];
  if (missing.length === 0) return;
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  if (!isDebianRoot()) {
    throw new OperatorError(`missing here: ${missing.join(", ")}`, { fix: `sudo apt-get ${install.join(" ")}` });
  }

  onProgress(`installing ${missing.join(", ")} with apt-get`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "--quiet"], { env });
  // The only signal that apt-get ignores while dpkg runs: no package may stay half-installed.
  await run("apt-get", install, { env, killSignal: "SIGINT", forceKillAfterDelay: false });
}

async function missingPrograms(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    programs.map((program) => execa("sh", ["-c", `command -v ${program}`], { reject: false })),
  );
  return programs.filter((_, index) => found[index]?.exitCode !== 0);
}
