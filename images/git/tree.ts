import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { OperatorError } from "../../common/errors.ts";
import { shownInLine } from "../../common/shown.ts";

/**
 * Refuses a tree with symbolic links out of it: a program that follows one would read or write the builder's own files.
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

/** A file, a link or a folder of a tree. Names in git are bytes, so each character of a path is one byte. */
export interface Entry {
  readonly path: string;
  readonly stat: Stats;
}

/** Everything in a folder, each folder before its contents. */
export function* entriesOf(folder: string): Generator<Entry> {
  yield* below(bytesOf(folder));
}

function* below(folder: string): Generator<Entry> {
  for (const name of readdirSync(pathOf(folder), { encoding: "buffer" })) {
    const path = join(folder, name.toString("latin1"));
    const stat = lstatSync(pathOf(path), { throwIfNoEntry: false });
    // The caller may have removed an entry.
    if (!stat) continue;
    yield { path, stat };
    if (stat.isDirectory() && lstatSync(pathOf(path), { throwIfNoEntry: false })) yield* below(path);
  }
}

const bytesOf = (path: string) => Buffer.from(path).toString("latin1");

/** For functions of Node that take a path. */
export const pathOf = (path: string): Buffer => Buffer.from(path, "latin1");

/** For people: bytes that are not text are escaped. */
export function nameOf(path: string): string {
  const text = pathOf(path).toString();
  return shownInLine(text.includes("\ufffd") ? path.replaceAll(/[\x80-\xff]/g, byteOf) : text);
}

const byteOf = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`;

/** Checks the path as written and as the kernel sees it: `..` after a link starts from the link's target. */
function leavesTree(tree: string, path: string, target: string): boolean {
  if (isAbsolute(target) || isOutside(tree, resolve(dirname(path), target))) return true;
  const real = (each: string) => realpathSync.native(pathOf(each), { encoding: "buffer" }).toString("latin1");
  try {
    return isOutside(real(tree), real(path));
  } catch {
    // The link is broken.
    return false;
  }
}

export const isOutside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === ".." || way.startsWith("../") || isAbsolute(way);
};
