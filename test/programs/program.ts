import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Folders of daemons on Debian, which are not on an ordinary user's PATH. */
const daemonFolders = ["/usr/sbin", "/sbin"];

/** @returns the path of a program, or undefined if this machine has none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...daemonFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** A suite that needs programs. If one is missing, its name says which, and how to install it. */
export function suiteWith(
  title: string,
  packageOf: Readonly<Record<string, string>>,
): { title: string; skip: boolean } {
  const missing = Object.keys(packageOf).filter((program) => !findProgram(program));
  if (missing.length === 0) return { title, skip: false };
  const packages = missing.map((program) => packageOf[program]).join(" ");
  return { title: `${title} (skipped: there is no ${missing.join(", ")}; apt-get install ${packages})`, skip: true };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
