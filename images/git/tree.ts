import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { OperatorError } from "../../operator/errors.ts";
import { shownInLine } from "../../operator/shown.ts";

/**
 * Refuses a tree with symbolic links out of it: a program that follows one would read, or write, the builder's own files.
 *
 * @throws OperatorError that names them
 */
export function refuseDangerousTree(tree: string): void {
  const leaving = linksIn(tree).filter(({ path, target }) => leavesTree(tree, path, target));
  if (leaving.length === 0) return;
  const shown = leaving.slice(0, 5).map(({ path, target }) => shownInLine(`${relative(tree, path)} -> ${target}`));
  throw new OperatorError("the repository has symbolic links that lead out of it", {
    cause: shown.join(", ") + (leaving.length > shown.length ? ` and ${leaving.length - shown.length} more` : ""),
    fix: "make them lead to files of the repository; links that an image needs are made by its Dockerfile",
  });
}

function linksIn(folder: string): { path: string; target: string }[] {
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return [{ path, target: readlinkSync(path) }];
    return stat.isDirectory() ? linksIn(path) : [];
  });
}

/** Both as it reads, and as the kernel sees it: `..` after a link leads to where the link does. */
function leavesTree(tree: string, path: string, target: string): boolean {
  if (isAbsolute(target) || isOutside(tree, resolve(dirname(path), target))) return true;
  try {
    return isOutside(realpathSync.native(tree), realpathSync.native(path));
  } catch {
    // It leads to nothing.
    return false;
  }
}

export const isOutside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === ".." || way.startsWith("../") || isAbsolute(way);
};
