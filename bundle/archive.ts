import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packTar } from "../artifacts/tar.ts";

/** Files that editors and interpreters leave in a working copy. */
const isJunk = (path: string) => /(^|\/)(__pycache__|\.[^/]+)(\/|$)|\.pyc$|~$/.test(path);

/** Reads all files of a folder. @returns their contents by relative path */
export function readFiles(folder: string): Record<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => !isJunk(path));
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path))]));
}

/** Packs files into a tar that depends only on their paths and contents. Files that start with `#!/` are executable. */
export function archiveFiles(files: Readonly<Record<string, Buffer | string>>): Promise<Buffer> {
  const entries = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => {
      const content = Buffer.from(text);
      return { path, content, mode: isProgram(content) ? 0o755 : 0o644 };
    });
  return packTar(entries, new Date(0));
}

const isProgram = (content: Buffer) => content.subarray(0, 3).toString() === "#!/";
