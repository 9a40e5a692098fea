import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("main.ts", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "registry-cluster-main-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const outdir = () => join(folder, "out");
  const run = (configPath: string) =>
    spawnSync(process.execPath, ["--import", "tsx", "main.ts"], {
      env: { ...process.env, CLUSTER_CONFIG: configPath, CDKTF_OUTDIR: outdir() },
      encoding: "utf8",
    });

  const planOf = (stack: string) => JSON.parse(readFileSync(join(outdir(), "stacks", stack, "cdk.tf.json"), "utf8"));
  /** The example config under another name. */
  const exampleOf = (name: string, backend = "") =>
    readFileSync("cluster.yml", "utf8")
      .replace(/^name: .*$/m, `name: ${name}-registry`)
      .replace(/^ {2}bucket: .*$/m, `  bucket: ${name}-images`)
      .replace(/^# backend:$/m, backend);

  it("writes the plan of the config, and the bundle beside it", () => {
    const { status, stderr } = run("cluster.yml");
    expect(stderr).toBe("");
    expect(status).toBe(0);

    const stackDirectory = join(outdir(), "stacks", "registry");
    const { resource, terraform } = JSON.parse(readFileSync(join(stackDirectory, "cdk.tf.json"), "utf8"));
    expect(Object.keys(resource.aws_instance)).toContain("proxy-1");
    const bundle = Object.values<{ key: string; source: string }>(resource.aws_s3_object).find(({ key }) =>
      key.startsWith("bundles/"),
    );
    expect(existsSync(join(stackDirectory, bundle?.source ?? "missing"))).toBe(true);
    expect(resolve(stackDirectory, terraform.backend.local.path)).toBe(resolve("terraform.registry.tfstate"));
  });

  it("makes one stack for each file of a folder, independent of each other", () => {
    const clusters = join(folder, "clusters");
    mkdirSync(clusters);
    for (const name of ["dev", "prod"]) writeFileSync(join(clusters, `${name}.yml`), exampleOf(name));
    const { status, stderr } = run(clusters);
    expect(stderr).toBe("");
    expect(status).toBe(0);

    const { stacks } = JSON.parse(readFileSync(join(outdir(), "manifest.json"), "utf8"));
    expect(Object.keys(stacks)).toEqual(["dev-registry", "prod-registry"]);
    for (const name of Object.keys(stacks)) {
      expect(stacks[name].dependencies).toEqual([]);
      const { terraform } = planOf(name);
      expect(resolve(outdir(), "stacks", name, terraform.backend.local.path)).toBe(
        resolve(`terraform.${name}.tfstate`),
      );
      expect(existsSync(join(outdir(), "stacks", name, ".terraform.lock.hcl"))).toBe(true);
    }
  });

  it("keeps the state in S3, encrypted and locked, when the config says so", () => {
    const config = join(folder, "prod.yml");
    writeFileSync(config, exampleOf("prod", "backend:\n  s3: { bucket: states, region: us-east-1 }"));
    expect(run(config).stderr).toBe("");
    const { terraform } = planOf("prod-registry");
    expect(terraform.backend).toEqual({
      s3: {
        bucket: "states",
        key: "registry-cluster/prod-registry.tfstate",
        region: "us-east-1",
        encrypt: true,
        use_lockfile: true,
      },
    });
    // the first one that knows use_lockfile
    expect(terraform.required_version).toBe(">= 1.10.0");
  });

  it("refuses a wrong config with exit code 2, and writes nothing", () => {
    const wrong = join(folder, "wrong.yml");
    writeFileSync(wrong, "name: x\n");
    const { status, stdout, stderr } = run(wrong);
    expect(status).toBe(2);
    expect(stderr).toContain("wrong.yml");
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(existsSync(outdir())).toBe(false);
  });
});
