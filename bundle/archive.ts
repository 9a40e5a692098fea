import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const blockSize = 512;

/** Left behind in a working copy by editors and interpreters. */
const isJunk = (path: string) => /(^|\/)(__pycache__|\.[^/]+)(\/|$)|\.pyc$|~$/.test(path);

/** Reads the files of a folder, by their paths in it. */
export function readFiles(folder: string): Record<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => !isJunk(path));
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path))]));
}

/**
 * Packs files into a tar (ustar) that depends on their paths and contents only. What starts with `#!/` is executable.
 *
 * Written here because the libraries for it are asynchronous, and a plan is made by synchronous code.
 */
export function archiveFiles(files: Readonly<Record<string, Buffer | string>>): Buffer {
  const entries = Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, text]) => {
      const content = Buffer.from(text);
      return [header(path, content), content, Buffer.alloc(padding(content.length))];
    });
  return Buffer.concat([...entries, Buffer.alloc(2 * blockSize)]);
}

function header(path: string, content: Buffer): Buffer {
  const { prefix, name } = splitPath(path);
  const isProgram = content.subarray(0, 3).toString() === "#!/";
  const block = Buffer.alloc(blockSize);
  block.write(name, 0);
  block.write(octal(isProgram ? 0o755 : 0o644, 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal(content.length, 12), 124);
  block.write(octal(0, 12), 136); // time of change
  block.write(" ".repeat(8), 148); // counts as spaces in its own sum
  block.write("0", 156); // an ordinary file
  block.write("ustar\x0000", 257);
  block.write(prefix, 345);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  return block;
}

/** A path of more than 100 bytes is stored in two parts. */
function splitPath(path: string): { prefix: string; name: string } {
  if (path.length <= 100) return { prefix: "", name: path };
  const cut = path.indexOf("/", path.length - 101);
  if (cut < 1 || cut > 155) throw new Error(`'${path}' is too long for a tar: shorten one of its folders`);
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) };
}

const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;

const padding = (length: number) => (blockSize - (length % blockSize)) % blockSize;
