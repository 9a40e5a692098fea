import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { provisioningKeys } from "../../../topology/names.ts";
import { awsCli } from "../aws-cli.ts";
import { temporaryFolder, write } from "../files.ts";

const script = join(import.meta.dirname, "..", "..", "..", "salt", "upgrades", "files", "registry-cluster-upgrade");

/** A package to build: fields of its control file, and text of its files by path. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A Debian in a folder, with the real apt and dpkg, and an archive from which it installs. Nothing runs in it: programs in its `bin`
 * stand for what needs a booted machine.
 */
export class FolderDebian {
  readonly folder = temporaryFolder();
  readonly root = join(this.folder, "root");
  private readonly archive = join(this.folder, "archive");
  private readonly bucket = join(this.folder, "bucket");
  private readonly bin = join(this.folder, "bin");

  constructor() {
    for (const path of [
      "etc/apt/apt.conf.d",
      "etc/apt/preferences.d",
      "var/lib/apt/lists",
      "var/cache/apt/archives",
      "var/log/apt",
    ]) {
      mkdirSync(join(this.root, path), { recursive: true });
    }
    // Which kernels apt keeps.
    copyFileSync("/etc/apt/apt.conf.d/01autoremove", join(this.root, "etc/apt/apt.conf.d/01autoremove"));
    for (const path of ["status", "available"]) write(join(this.root, "var/lib/dpkg", path), "");
    for (const path of ["info", "updates", "triggers"]) mkdirSync(join(this.root, "var/lib/dpkg", path));
    write(join(this.root, "etc/apt/sources.list"), `deb [trusted=yes] file:${this.archive} ./\n`);
    this.program("dpkg", `exec /usr/bin/dpkg --root=${this.root} --force-not-root --force-bad-path "$@"`);
    this.program("needrestart", `echo "$@" >> ${this.folder}/restarts; echo "NEEDRESTART-KSTA: 1"`);
    this.program("registry-cluster-check", "");
    write(join(this.bin, "aws"), awsCli(this.bucket), 0o755);
    write(join(this.folder, "etc/node.env"), "NODE=proxy-1\nPROVISIONING_BUCKET=bucket\n");
    for (const node of ["proxy-1", "proxy-2"]) {
      mkdirSync(join(this.folder, "var/lib/current/rendered", node), { recursive: true });
    }
    write(
      join(this.folder, "apt.conf"),
      `Dir "${this.root}/";
Dir::State::status "${this.root}/var/lib/dpkg/status";
Dir::Bin::dpkg "${this.bin}/dpkg";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Architecture "amd64";
APT::Sandbox::User "root";
`,
    );
  }

  /** Replaces a program. */
  program(name: string, text: string): void {
    write(join(this.bin, name), `#!/bin/bash\n${text}\n`, 0o755);
  }

  /** Replaces everything in the archive. */
  async offer(...packages: readonly Package[]): Promise<void> {
    rmSync(this.archive, { recursive: true, force: true });
    const stanzas = await Promise.all(packages.map((one) => this.build(one)));
    write(join(this.archive, "Packages"), stanzas.join(""));
  }

  async install(...names: readonly string[]): Promise<void> {
    await this.apt("update");
    await this.apt("install", "--yes", ...names);
  }

  /** Installs packages as dependencies of one that is gone. */
  async leave(...names: readonly string[]): Promise<void> {
    await this.install(...names);
    await execa("apt-mark", ["auto", ...names], { env: this.env() });
  }

  async hold(name: string): Promise<void> {
    await execa("apt-mark", ["hold", name], { env: this.env() });
  }

  /** Runs what a node runs on its turn. */
  async upgrade(): Promise<{ code: number | undefined; output: string }> {
    const text = readFileSync(script, "utf8")
      .replaceAll(/\/(run|etc|var\/log|var\/lib)\/registry-cluster(?![-\w])/g, join(this.folder, "$1"))
      .replaceAll("/usr/local/sbin", this.bin);
    const path = write(join(this.folder, "upgrade"), text);
    const { exitCode, all } = await execa("bash", [path], { env: this.env(), all: true, reject: false });
    return { code: exitCode, output: all };
  }

  /** What a node has told the others. */
  reportOf(node: string): Record<string, string> {
    return JSON.parse(readFileSync(join(this.bucket, provisioningKeys.upgradeReport(node)), "utf8"));
  }

  writeReport(node: string, result: string): void {
    write(join(this.bucket, provisioningKeys.upgradeReport(node)), `{"node": "${node}", "result": "${result}"}`);
  }

  /** Cuts the node off from the bucket. */
  losesTheBucket(): void {
    write(join(this.bucket, "down"), "");
  }

  /** Versions of the installed packages by name. */
  async installed(): Promise<Record<string, string>> {
    const format = "--showformat=${Package} ${Version}\\n";
    const { stdout } = await execa("dpkg-query", [`--admindir=${this.root}/var/lib/dpkg`, "--show", format]);
    return Object.fromEntries(stdout.split("\n").map((line) => line.split(" ")));
  }

  private async build({ name, version, fields = {}, files = {} }: Package): Promise<string> {
    const folder = join(this.folder, "build", name);
    rmSync(folder, { recursive: true, force: true });
    const all = { Package: name, Version: version, Architecture: "amd64", Maintainer: "nobody", ...fields };
    const control = Object.entries({ ...all, Description: "for a test" }).map(([key, value]) => `${key}: ${value}\n`);
    write(join(folder, "DEBIAN", "control"), control.join(""));
    const configFiles = Object.keys(files).filter((path) => path.startsWith("/etc/"));
    write(join(folder, "DEBIAN", "conffiles"), configFiles.map((path) => `${path}\n`).join(""));
    for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
    chmodSync(join(folder, "DEBIAN"), 0o755);
    mkdirSync(this.archive, { recursive: true });
    const path = join(this.archive, `${name}_${version}.deb`);
    await execa("dpkg-deb", ["--root-owner-group", "--build", folder, path]);
    const content = readFileSync(path);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return `${control.join("")}Filename: ./${name}_${version}.deb\nSize: ${content.length}\nSHA256: ${sha256}\n\n`;
  }

  private apt(...args: readonly string[]) {
    return execa("apt-get", args, { env: this.env() });
  }

  private env() {
    return { APT_CONFIG: join(this.folder, "apt.conf"), PATH: `${this.bin}:${process.env.PATH}` };
  }
}
