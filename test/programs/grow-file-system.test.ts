import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { suiteWith } from "./program.ts";

const script = join(import.meta.dirname, "..", "..", "salt", "base", "files", "grow-file-system");
const mebibyte = 1024 ** 2;

const programs = suiteWith("a file system on a disk that has grown", {
  growpart: "cloud-guest-utils",
  sfdisk: "fdisk",
  "mkfs.xfs": "xfsprogs",
});
const canMount = process.getuid?.() === 0 && !(await execa("losetup", ["--find"], { reject: false })).failed;
const title = canMount
  ? programs.title
  : `${programs.title} (skipped: only root can attach a disk; run the tests as root)`;

describe.skipIf(programs.skip || !canMount)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), "grow-"));
  const [image, mountPoint] = [join(folder, "disk"), join(folder, "mounted")];
  let disk = "";
  const grow = (...args: string[]) => execa("bash", [script, ...args], { reject: false });
  const mebibytes = async () =>
    Number((await execa("df", ["--output=size", "--block-size=1M", mountPoint])).stdout.split("\n")[1]);

  beforeAll(async () => {
    writeFileSync(image, "");
    truncateSync(image, 320 * mebibyte);
    await execa("sfdisk", ["--quiet", image], { input: "label: gpt\n,,L\n" });
    disk = (await execa("losetup", ["--find", "--show", image])).stdout;
    await execa("partx", ["--update", disk]);
    // Not ext4: to grow it needs a capability that containers rarely have.
    await execa("mkfs.xfs", ["-q", `${disk}p1`]);
    mkdirSync(mountPoint);
    await execa("mount", [`${disk}p1`, mountPoint]);
  });
  afterAll(async () => {
    await execa("umount", [mountPoint], { reject: false });
    await execa("partx", ["--delete", disk], { reject: false });
    await execa("losetup", ["--detach", disk], { reject: false });
    rmSync(folder, { recursive: true });
  });

  it("is left alone while the disk has its size", async () => {
    expect((await grow("--check", mountPoint)).exitCode).toBe(1);
  });

  it("gets the new room at once, while it is in use", async () => {
    truncateSync(image, 640 * mebibyte);
    await execa("losetup", ["--set-capacity", disk]);

    expect((await grow("--check", mountPoint)).exitCode).toBe(0);
    expect(await mebibytes()).toBeLessThan(320);
    expect((await grow(mountPoint)).exitCode).toBe(0);
    expect(await mebibytes()).toBeGreaterThan(550);
    expect((await grow("--check", mountPoint)).exitCode).toBe(1);
  });

  it("is nothing to grow where it is on no partition", async () => {
    expect((await grow("--check", "/proc")).exitCode).toBe(1);
  });
});
