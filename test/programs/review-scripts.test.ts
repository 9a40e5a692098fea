import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";

/** A checkout with the scripts alone, and an npx that does as a test says and writes down how it was called. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-cluster-review-"));
  mkdirSync(join(folder, "review"));
  mkdirSync(join(folder, "bin"));
  for (const script of ["diff.sh", "deploy.sh"]) copyFileSync(`review/${script}`, join(folder, "review", script));
  return () => rmSync(folder, { recursive: true });
});

async function run(script: string, npx: string, env: Record<string, string> = {}, ...args: string[]) {
  const called = join(folder, "called");
  const body = `#!/bin/bash\necho "$*" >> ${called}\n${npx}\n`;
  writeFileSync(join(folder, "bin/npx"), body, { mode: 0o755 });
  const path = `${join(folder, "bin")}:${process.env.PATH}`;
  const result = await execa("bash", [join(folder, "review", script), ...args], {
    env: { PATH: path, CLUSTER_CONFIG: "", ...env },
    cwd: folder,
    reject: false,
    all: true,
  });
  return { ...result, calls: existsSync(called) ? readFileSync(called, "utf8").trim().split("\n") : [] };
}

describe("review/diff.sh", () => {
  const npx = (prod: string) => `case "$*" in
    *synth) mkdir cdktf.out; echo '{"stacks": {"dev": {}, "prod": {}}}' > cdktf.out/manifest.json ;;
    *dev) echo "dev  plan $TF_CLI_ARGS_plan" ;;
    *prod) ${prod} ;;
  esac`;

  it("shows and keeps the diff of every stack of one synthesis, and takes no lock", async () => {
    const { exitCode, all, calls } = await run("diff.sh", npx("echo 'prod  plan'"), {}, "diff.log");
    expect(exitCode).toBe(0);
    expect(calls).toEqual(["cdktf synth", "cdktf diff --skip-synth dev", "cdktf diff --skip-synth prod"]);
    expect(readFileSync(join(folder, "diff.log"), "utf8")).toBe("dev  plan -lock=false\nprod  plan\n");
    expect(all).toContain("prod  plan");
  });

  it("ends with 1 when one stack's diff fails, after all of them", async () => {
    const failing = npx("echo 'prod  plan'").replace('echo "dev', "echo 'dev  no' >&2; exit 1; echo \"dev");
    const { exitCode, calls } = await run("diff.sh", failing, {}, "diff.log");
    expect(exitCode).toBe(1);
    expect(calls).toHaveLength(3);
    expect(readFileSync(join(folder, "diff.log"), "utf8")).toBe("dev  no\nprod  plan\n");
  });

  it("keeps why there is no synthesis", async () => {
    const { exitCode } = await run("diff.sh", "echo 'a fault' >&2; exit 1", {}, "diff.log");
    expect(exitCode).not.toBe(0);
    expect(readFileSync(join(folder, "diff.log"), "utf8")).toBe("a fault\n");
  });
});

describe("review/deploy.sh", () => {
  const npx = (backend: string, preflight = "true") => `case "$*" in
    *check*) echo '{"config": {"backend": ${backend}}}' ;;
    *preflight*) ${preflight} ;;
  esac`;
  const inS3 = '{"s3": {"bucket": "state"}}';

  it("deploys every stack, once preflight has found nothing in any config", async () => {
    mkdirSync(join(folder, "clusters"));
    for (const name of ["dev", "prod"]) writeFileSync(join(folder, "clusters", `${name}.yml`), "");
    const { exitCode, calls } = await run("deploy.sh", npx(inS3), { CLUSTER_CONFIG: "clusters" });
    expect(exitCode).toBe(0);
    expect(calls.slice(-3)).toEqual([
      "registry-cluster --config clusters/dev.yml preflight",
      "registry-cluster --config clusters/prod.yml preflight",
      "cdktf deploy --auto-approve *",
    ]);
  });

  it("deploys nothing when preflight finds something", async () => {
    const { exitCode, calls } = await run("deploy.sh", npx(inS3, "exit 1"));
    expect(exitCode).toBe(1);
    expect(calls.at(-1)).toBe("registry-cluster --config cluster.yml preflight");
  });

  it("deploys nothing when the state would be lost with the job", async () => {
    const { exitCode, all, calls } = await run("deploy.sh", npx("{}"));
    expect(exitCode).toBe(2);
    expect(all).toContain("cluster.yml: backend.s3: missing: the state of this deployment would be lost\n  fix: ");
    expect(calls).toEqual(["registry-cluster --config cluster.yml config check --json"]);
  });
});
