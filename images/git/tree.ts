import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { OperatorError } from "../../common/errors.ts";
import { shownInLine } from "../../common/shown.ts";

/**
 * Refuses a tree with symbolic links out of it: a program that follows one would read, or write, the builder's own files.
 *
 * @throws OperatorError that names them
 */
export function refuseDangerousTree(tree: string): void {
  const root = bytesOf(tree);
  const links = [...entriesOf(tree)].filter(({ stat }) => stat.isSymbolicLink());
  const leaving = links
    .map(({ path }) => ({ path, target: readlinkSync(pathOf(path), { encoding: "buffer" }).toString("latin1") }))
    .filter(({ path, target }) => leavesTree(root, path, target));
  if (leaving.length === 0) return;
  const shown = leaving.slice(0, 5).map(({ path, target }) => `${nameOf(relative(root, path))} -> ${nameOf(target)}`);
  throw new OperatorError("the repository has symbolic links that lead out of it", {
    cause: shown.join(", ") + (leaving.length > shown.length ? ` and ${leaving.length - shown.length} more` : ""),
    fix: "make them lead to files of the repository; links that an image needs are made by its Dockerfile",
  });
}

/** A file, a link or a folder of a tree. Git's names are bytes, so a path holds one byte in each character. */
export interface Entry {
  readonly path: string;
  readonly stat: Stats;
}

/** All that is in a folder, folders before what is in them. */
export function* entriesOf(folder: string): Generator<Entry> {
  yield* below(bytesOf(folder));
}

function* below(folder: string): Generator<Entry> {
  for (const name of readdirSync(pathOf(folder), { encoding: "buffer" })) {
    const path = join(folder, name.toString("latin1"));
    const stat = lstatSync(pathOf(path), { throwIfNoEntry: false });
    // Whoever takes an entry may remove it.
    if (!stat) continue;
    yield { path, stat };
    if (stat.isDirectory() && lstatSync(pathOf(path), { throwIfNoEntry: false })) yield* below(path);
  }
}

const bytesOf = (path: string) => Buffer.from(path).toString("latin1");

/** For functions of Node that take a path. */
export const pathOf = (path: string): Buffer => Buffer.from(path, "latin1");

/** For people: bytes that are no text are shown as such. */
export function nameOf(path: string): string {
  const text = pathOf(path).toString();
  return shownInLine(text.includes("\ufffd") ? path.replaceAll(/[\x80-\xff]/g, byteOf) : text);
}

const byteOf = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`;

/** Both as it reads, and as the kernel sees it: `..` after a link leads to where the link does. */
function leavesTree(tree: string, path: string, target: string): boolean {
  if (isAbsolute(target) || isOutside(tree, resolve(dirname(path), target))) return true;
  const real = (each: string) => realpathSync.native(pathOf(each), { encoding: "buffer" }).toString("latin1");
  try {
    return isOutside(real(tree), real(path));
  } catch {
    // It leads to nothing.
    return false;
  }
}

export const isOutside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === ".." || way.startsWith("../") || isAbsolute(way);
};
