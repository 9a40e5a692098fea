import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
