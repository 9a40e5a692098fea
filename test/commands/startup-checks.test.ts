import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quickCopyOfCheckout, remove, run } from "../unit/cli/support.ts";

let checkout: string;
beforeAll(async () => {
  checkout = await quickCopyOfCheckout();
});
afterAll(() => remove(checkout));

/** Runs a line of bash in which `"$@"` is the command line. */
const bash = (line: string, ...args: string[]) =>
  execa("bash", ["-c", line, process.execPath, process.execPath, join(checkout, "start.mjs"), ...args], {
    cwd: checkout,
    reject: false,
    env: { CLUSTER_CONFIG: "", FORCE_COLOR: undefined },
  });

describe("a command whose environment lacks something", () => {
  it("fails when its standard output does not fit onto the disk, and says so", async () => {
    const { exitCode, stderr } = await bash('"$@" > /dev/full', "config", "check");
    expect(stderr).toBe(
      "standard output cannot be written: the disk is full\n  mend: free some space; TMPDIR names the folder for temporary files",
    );
    expect(exitCode).toBe(1);
  });

  it("goes on to its end when nobody reads its standard output any more", async () => {
    const { stdout, stderr } = await bash(
      '"$@" | head -c 1 > /dev/null; echo "${PIPESTATUS[0]}"',
      "config",
      "check",
      "--json",
    );
    expect({ stdout, stderr }).toEqual({ stdout: "0", stderr: "" });
  });

  it("says so when its folder is gone", async () => {
    const { exitCode, stderr } = await bash('mkdir gone && cd gone && rmdir ../gone && "$@"', "config", "check");
    expect(stderr).toBe("the current folder is gone, or you may not read it\n  mend: cd to another folder");
    expect(exitCode).toBe(1);
  });

  it("says so when the folder for temporary files is none", async () => {
    const { exitCode, stderr } = await bash('TMPDIR=/etc/passwd "$@"', "cost", "--json");
    expect(stderr).toBe(
      "no temporary folder can be made in /etc/passwd\n  mend: set TMPDIR to a folder that you may write to and that has free space",
    );
    expect(exitCode).toBe(1);
  });

  it("says so when its cache is in no folder, in its progress too", async () => {
    const { exitCode, stdout, stderr } = await bash('REGISTRY_CLUSTER_CACHE=/dev/null/x "$@"', "artifacts", "build");
    expect(stderr).toContain(
      "/dev/null/x/images: a part of the path is a file, not a folder\n  mend: correct the path",
    );
    expect(stdout + stderr).not.toContain("ENOTDIR");
    expect(exitCode).toBe(1);
  });

  it("says so when its config is a link to itself", async () => {
    symlinkSync("loop.yml", join(checkout, "loop.yml"));
    const { exitCode, stderr } = await run(checkout, ["--config", "loop.yml", "config", "check"]);
    expect(stderr).toContain("loop.yml: the file cannot be read: its symbolic links lead in a circle");
    expect(exitCode).toBe(2);
  });

  it("says so when its packages are not installed", async () => {
    const bare = join(checkout, "bare");
    mkdirSync(bare);
    for (const part of ["cli", "common"]) symlinkSync(join(checkout, part), join(bare, part));
    const { exitCode, stderr } = await execa(
      process.execPath,
      ["--preserve-symlinks", "--preserve-symlinks-main", join(bare, "cli", "bin.js"), "--version"],
      { reject: false, cwd: "/", env: { NODE_PATH: "" } },
    );
    expect(stderr).toContain("packages that registry-cluster needs are not installed\n  mend: npm ci");
    expect(exitCode).toBe(1);
  });

  it("knows its version, and that of Node.js", async () => {
    const { stdout } = await execa(process.execPath, [join(checkout, "cli", "bin.js"), "--version"]);
    expect(stdout).toMatch(/^registry-cluster \d+\.\d+\.\d+ \(Node\.js v\d+\.\d+\.\d+\)$/);
  });
});
