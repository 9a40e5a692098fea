import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterFilesIn } from "../../../config/cluster-files.ts";
import { ConfigError } from "../../../config/errors.ts";
import { loadClusters } from "../../../config/load-clusters.ts";
import { type Changes, minimalText } from "./minimal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A config of its own name and buckets. */
const cluster = (name: string, changes: Changes = {}) =>
  minimalText({ name, "storage.bucket": `${name}-images`, ...changes });

function errorOf(path: string): ConfigError {
  try {
    loadClusters(path);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the config has no fault");
}

describe("the clusters of a path", () => {
  it("are one when it is a file", () => {
    const path = write("prod.yml", cluster("prod"));
    expect(loadClusters(path)).toMatchObject([{ path, config: { name: "prod" } }]);
  });

  it("are those of every .yml file when it is a folder, in the order of the files' names", () => {
    write("prod.yml", cluster("first"));
    write("dev.yml", cluster("second"));
    expect(loadClusters(folder).map(({ path, config }) => [path, config.name])).toEqual([
      [join(folder, "dev.yml"), "second"],
      [join(folder, "prod.yml"), "first"],
    ]);
  });

  it("are not looked for in other files and in folders below", () => {
    write("prod.yml", cluster("prod"));
    write("README.md", "no YAML");
    mkdirSync(join(folder, "old.yml"));
    expect(loadClusters(folder)).toHaveLength(1);
  });

  it("must be some: a folder without a config file is an error", () => {
    expect(errorOf(folder).faults).toMatchObject([{ problem: "there is no config file in this folder" }]);
  });

  it("must be there: a path that leads nowhere is an error", () => {
    expect(errorOf(join(folder, "absent")).faults).toMatchObject([{ problem: "there is no such file" }]);
  });
});

describe("what lies in a folder", () => {
  it("is read whether its name ends in .yml, .yaml or in capitals", () => {
    for (const [i, name] of ["a.yml", "b.yaml", "C.YML"].entries()) write(name, cluster(`demo-${i}`));
    expect(loadClusters(folder).map(({ config }) => config.name)).toEqual(["demo-2", "demo-0", "demo-1"]);
  });

  it("is no cluster when it is hidden or a folder, which config check says", () => {
    write("a.yml", cluster("demo"));
    write(".hidden.yml", "no config at all: [");
    mkdirSync(join(folder, "old.yaml"));
    expect(loadClusters(folder)).toHaveLength(1);
    expect(clusterFilesIn(folder).passedOver).toEqual([join(folder, ".hidden.yml"), join(folder, "old.yaml")]);
  });

  it("is an error when it is a link to itself, as for any file that cannot be read", () => {
    symlinkSync("a.yml", join(folder, "a.yml"));
    expect(errorOf(folder).message).toContain("the file cannot be read: its symbolic links lead in a circle");
  });

  it("may name a builder's file by an absolute path", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "builds-"));
    const file = join(elsewhere, "builds.yml");
    const config = cluster("demo", { builder: { enabled: true, builds: file } });
    write("a.yml", config);
    expect(errorOf(folder).message).toContain(`${file}: there is no such file`);
    rmSync(elsewhere, { recursive: true });
  });
});

describe("the faults of a folder", () => {
  it("are those of all its files at once, with clashes among those that can be read", () => {
    write("a.yml", cluster("demo"));
    write("b.yml", cluster("other", { region: "nowhere" }));
    write("c.yml", cluster("demo", { "storage.bucket": "another" }));
    write("d.yml", "name: [");
    const { files } = errorOf(folder);
    expect(files.map(({ fileName, faults }) => [fileName.slice(folder.length + 1), faults[0]?.path])).toEqual([
      ["b.yml", "region"],
      ["c.yml", "name"],
      ["d.yml", ""],
    ]);
  });
});

describe("two clusters", () => {
  const stateIn = (key?: string) => ({ backend: { s3: { bucket: "states", key } } });

  it.each<[string, Changes, Changes, string, string]>([
    ["name", { name: "demo" }, { name: "demo" }, "name", "is also the name of the cluster in A"],
    [
      "bucket",
      { "storage.bucket": "shared" },
      { "storage.bucket": "shared" },
      "storage.bucket",
      "is also a bucket of the cluster in A",
    ],
    [
      "bucket, the one for images and the other for provisioning",
      { "storage.bucket": "shared" },
      { "storage.provisioningBucket": "shared" },
      "storage.provisioningBucket",
      "is also a bucket of the cluster in A",
    ],
    [
      "place for the state",
      stateIn("same.tfstate"),
      stateIn("same.tfstate"),
      "backend.s3.key",
      "the cluster in A also keeps its state there, so each would remove the other",
    ],
  ])(
    "must not have the same %s: the later file is told, with the earlier one's name",
    (_, first, second, path, problem) => {
      const a = write("a.yml", cluster("one", first));
      const b = write("b.yml", cluster("two", second));
      const { files } = errorOf(folder);
      expect(files.map(({ fileName }) => fileName)).toEqual([b]);
      expect(files[0]?.faults).toMatchObject([
        { path, problem: problem.replace(/\bA\b/, a), line: expect.any(Number) },
      ]);
    },
  );

  it("must not keep the state of one in a bucket of the other, whichever file comes first", () => {
    const b = write("b.yml", cluster("two", { "storage.bucket": "images-of-two" }));
    for (const bucket of ["images-of-two", "images-of-two-provisioning"]) {
      for (const name of ["a.yml", "c.yml"]) {
        const file = write(name, cluster("one", { backend: { s3: { bucket } } }));
        const { files } = errorOf(folder);
        expect(files.map(({ fileName }) => fileName)).toEqual([file]);
        expect(files[0]?.faults).toMatchObject([
          { path: "backend.s3.bucket", problem: `is a bucket of the cluster in ${b}, whose nodes may reach it` },
        ]);
        rmSync(file);
      }
    }
  });

  it("may keep their states in one bucket", () => {
    write("a.yml", cluster("one", stateIn()));
    write("b.yml", cluster("two", stateIn()));
    expect(loadClusters(folder)).toHaveLength(2);
  });
});
