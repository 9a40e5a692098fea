import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseDangerousTree } from "../../../images/git/tree.ts";

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "tree-"));
  mkdirSync(join(tree, "sub/deep"), { recursive: true });
  writeFileSync(join(tree, "file"), "");
});
afterEach(() => rmSync(tree, { recursive: true }));

describe("a tree to build from", () => {
  it.each([
    ["sub/link", "../file"],
    ["link", "sub"],
    ["sub/deep/link", "../../file"],
    ["link", "nothing-there"],
  ])("may have links within it: %s -> %s", (path, target) => {
    symlinkSync(target, join(tree, path));
    expect(() => refuseDangerousTree(tree)).not.toThrow();
  });

  it.each([
    ["link", "/etc/passwd"],
    ["link", "../outside"],
    ["sub/deep/link", "../../../outside"],
    ["link", "sub/../../outside"],
  ])("may have none that lead out of it: %s -> %s", (path, target) => {
    symlinkSync(target, join(tree, path));
    expect(() => refuseDangerousTree(tree)).toThrow(
      expect.objectContaining({
        message: "the repository has symbolic links that lead out of it",
        details: expect.objectContaining({ cause: `${path} -> ${target}` }),
      }),
    );
  });

  it("may have none that lead out through another one", () => {
    symlinkSync("..", join(tree, "sub/up"));
    symlinkSync("sub/up/..", join(tree, "link"));
    expect(() => refuseDangerousTree(tree)).toThrow("lead out of it");
  });
});
