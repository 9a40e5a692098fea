import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "debian-packages-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What would be installed where there is none of it. */
function packagesOfFreshMachine(): string[] {
  const query = join(folder, "dpkg-query");
  writeFileSync(query, "#!/bin/sh\nexit 1\n");
  chmodSync(query, 0o755);
  const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
  const { stdout } = spawnSync("bash", ["test/tools/install-debian-packages.sh", "--missing"], {
    env,
    encoding: "utf8",
  });
  return stdout.split("\n").filter(Boolean);
}

/** The packages that a suite would name if it was skipped. */
function packagesThatSuitesName(): string[] {
  const names = readdirSync("test/programs", { recursive: true, encoding: "utf8" });
  const texts = names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join("test/programs", name), "utf8"));
  const tables = texts.flatMap((text) => [...text.matchAll(/(?:suiteWith\([^{;]*|const programs = )\{(.*?)\}/gs)]);
  const packages = tables.flatMap(([, table = ""]) => [...table.matchAll(/: "(.+?)"/g)]);
  return [...new Set(packages.map(([, name]) => name as string))];
}

/** On every Debian; and with the Docker engine, which is installed like the lab's. */
const fromElsewhere = ["apt", "dpkg", "util-linux", "docker.io", "runc"];

describe("the packages that npm test installs", () => {
  const packages = packagesOfFreshMachine();

  it("are all that a suite would be skipped for", () => {
    const wanted = packagesThatSuitesName().filter((name) => !fromElsewhere.includes(name));
    expect(wanted).toEqual(expect.arrayContaining(["keepalived", "busybox-static", "git-lfs"]));
    expect(wanted.filter((name) => !packages.includes(name))).toEqual([]);
  });

  it("are there in newer releases too: none is of one version of Python", () => {
    expect(packages.filter((name) => /^python3\./.test(name))).toEqual([]);
  });
});
