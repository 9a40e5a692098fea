import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { clusterFilesIn } from "../../config/cluster-files.ts";

/** A checkout with only the scripts, and fake programs that a test controls and that record their calls. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-cluster-review-"));
  mkdirSync(join(folder, "operate", "review"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  for (const script of ["apply.sh", "diff.sh", "plan-form.js", "plan.sh", "preflight.sh", "unpack.sh"])
    copyFileSync(`operate/review/${script}`, join(folder, "operate", "review", script));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, ".terraform.lock.hcl"), "locked");
  return () => rmSync(folder, { recursive: true });
});

/** Runs a script with fake programs. */
async function run(
  script: string,
  programs: Record<string, string>,
  env: Record<string, string> = {},
  ...args: string[]
) {
  const called = join(folder, "called");
  for (const [name, body] of Object.entries(programs)) {
    const text = `#!/bin/bash\necho "${name} $*" >> ${called}\n${body}\n`;
    writeFileSync(join(folder, "bin", name), text, { mode: 0o755 });
  }
  const path = `${join(folder, "bin")}:${process.env.PATH}`;
  const result = await execa("bash", [join(folder, "operate", "review", script), ...args], {
    env: { PATH: path, CLUSTER_CONFIG: "", ...env },
    cwd: folder,
    reject: false,
    all: true,
  });
  return { ...result, calls: existsSync(called) ? readFileSync(called, "utf8").trim().split("\n") : [] };
}

const harmless = '{"resource": {}}';
function synthesized(...stacks: string[]): void {
  for (const stack of stacks) {
    mkdirSync(join(folder, "cdktf.out/stacks", stack), { recursive: true });
    writeFileSync(join(folder, "cdktf.out/stacks", stack, "cdk.tf.json"), harmless);
    writeFileSync(join(folder, "cdktf.out/stacks", stack, ".terraform.lock.hcl"), "locked");
  }
}
const log = () => readFileSync(join(folder, "diff.log"), "utf8");

describe("operate/review/plan.sh", () => {
  it("shows and keeps the plan of every stack, each behind its name, and takes no lock", async () => {
    synthesized("dev", "prod");
    const { exitCode, all, calls } = await run("plan.sh", { terraform: "printf 'a\\n  b\\n'" }, {}, "diff.log");
    expect(exitCode, all).toBe(0);
    expect(calls).toEqual(
      ["dev", "prod"].flatMap((stack) => [
        `terraform -chdir=cdktf.out/stacks/${stack}/ init -input=false -lockfile=readonly`,
        `terraform -chdir=cdktf.out/stacks/${stack}/ plan -input=false -lock=false -out=plan.tfplan`,
      ]),
    );
    const lines = (stack: string) => [
      `${stack}  plan of ${stack}`,
      ...["a", "  b", "a", "  b"].map((line) => `${" ".repeat(stack.length)}  ${line}`),
    ];
    expect(log()).toBe([...lines("dev"), ...lines("prod"), "every plan was made", ""].join("\n"));
    expect(all).toBe(log().trimEnd());
  });

  it("leaves it to Terraform to lock what a mirror has, where the synthesis has left that open", async () => {
    synthesized("dev");
    writeFileSync(join(folder, "cdktf.out/stacks/dev/.terraform.lock.hcl"), "open");
    const { calls } = await run("plan.sh", { terraform: "" }, {}, "diff.log");
    expect(calls[0]).toBe("terraform -chdir=cdktf.out/stacks/dev/ init -input=false");
  });

  it("ends with 1 when one stack's plan fails, after all of them, and does not say that every plan was made", async () => {
    synthesized("dev", "prod");
    const failing = 'case "$*" in *dev*plan*) echo no >&2; exit 1 ;; esac; echo yes';
    const { exitCode, calls } = await run("plan.sh", { terraform: failing }, {}, "diff.log");
    expect(exitCode).toBe(1);
    expect(calls).toHaveLength(4);
    expect(log()).toBe("dev  plan of dev\n     yes\n     no\nprod  plan of prod\n      yes\n      yes\n");
  });

  it("lets no text of a plan pass for a stack or for the end", async () => {
    synthesized("dev");
    const forging = "printf 'prod  No changes.\\nevery plan was made\\n'; exit 1";
    await run("plan.sh", { terraform: forging }, {}, "diff.log");
    expect(
      log()
        .split("\n")
        .slice(1)
        .filter((line) => line && !line.startsWith("     ")),
    ).toEqual([]);
  });

  it("asks Terraform nothing about a plan that could do more than plan", async () => {
    synthesized("dev");
    writeFileSync(join(folder, "cdktf.out/stacks/dev/cdk.tf.json"), '{"module": {}}');
    const { exitCode, calls } = await run("plan.sh", { terraform: "" }, {}, "diff.log");
    expect({ exitCode, calls }).toEqual({ exitCode: 1, calls: [] });
    expect(log()).toContain("module: not allowed");
  });

  it("refuses a stack whose name is none", async () => {
    synthesized("dev  No changes.");
    const { exitCode, calls } = await run("plan.sh", { terraform: "" }, {}, "diff.log");
    expect({ exitCode, calls }).toEqual({ exitCode: 1, calls: [] });
  });
});

describe("operate/review/diff.sh", () => {
  const npx = `mkdir -p cdktf.out/stacks/dev; echo '${harmless}' > cdktf.out/stacks/dev/cdk.tf.json`;

  it("plans what it has synthesized, and no stack that is left from before", async () => {
    synthesized("gone");
    const { exitCode, calls } = await run("diff.sh", { npx, terraform: "echo plan" }, {}, "diff.log");
    expect(exitCode).toBe(0);
    expect(calls[0]).toBe("npx cdktf synth");
    expect(log()).toBe("dev  plan of dev\n     plan\n     plan\nevery plan was made\n");
  });

  it("keeps why there is no synthesis", async () => {
    const { exitCode } = await run("diff.sh", { npx: "echo 'a fault' >&2; exit 1" }, {}, "diff.log");
    expect(exitCode).not.toBe(0);
    expect(log()).toBe("a fault\n");
  });
});

describe("operate/review/apply.sh", () => {
  it("applies the plans that were kept, and makes none", async () => {
    synthesized("dev", "prod");
    const { exitCode, calls } = await run("apply.sh", { terraform: "" });
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => !call.includes(" init "))).toEqual(
      ["dev", "prod"].map((stack) => `terraform -chdir=cdktf.out/stacks/${stack}/ apply -input=false plan.tfplan`),
    );
  });

  it("applies no further plan when one cannot be applied", async () => {
    synthesized("dev", "prod");
    const { exitCode, calls } = await run("apply.sh", { terraform: 'case "$*" in *apply*) exit 1 ;; esac' });
    expect(exitCode).toBe(1);
    expect(calls.join()).not.toContain("prod");
  });
});

describe("operate/review/unpack.sh", () => {
  const pack = async (...paths: string[]) =>
    execa("tar", ["--create", "--file", "packed.tar", ...paths], { cwd: folder });
  const unpack = async () => {
    rmSync(join(folder, "cdktf.out"), { recursive: true });
    return run("unpack.sh", {}, {}, "packed.tar");
  };

  it("unpacks plans and images", async () => {
    synthesized("dev");
    mkdirSync(join(folder, ".cache/registry-cluster/images"), { recursive: true });
    writeFileSync(join(folder, ".cache/registry-cluster/images/a.tar"), "");
    await pack("cdktf.out", ".cache/registry-cluster/images");
    const { exitCode, all } = await unpack();
    expect(exitCode, all).toBe(0);
    expect(existsSync(join(folder, "cdktf.out/stacks/dev/cdk.tf.json"))).toBe(true);
  });

  it.each(["evil.tf", "terraform.tfvars", ".terraform/plugin_path"])(
    "refuses more that Terraform would read: %s",
    async (name) => {
      synthesized("dev");
      mkdirSync(join(folder, "cdktf.out/stacks/dev/.terraform"));
      writeFileSync(join(folder, "cdktf.out/stacks/dev", name), "");
      await pack("cdktf.out");
      expect((await unpack()).exitCode).toBe(1);
      expect(existsSync(join(folder, "cdktf.out"))).toBe(false);
    },
  );

  it("takes the checkout's own lock of providers, whatever came with a stack", async () => {
    synthesized("dev");
    const lock = join(folder, "cdktf.out/stacks/dev/.terraform.lock.hcl");
    writeFileSync(lock, "another");
    await pack("cdktf.out");
    await unpack();
    expect(readFileSync(lock, "utf8")).toBe("locked");
  });

  it("refuses what would overwrite the checkout", async () => {
    synthesized("dev");
    await pack("cdktf.out", "operate");
    expect((await unpack()).exitCode).toBe(1);
  });

  it("refuses links", async () => {
    synthesized("dev");
    symlinkSync("/etc/passwd", join(folder, "cdktf.out/stacks/dev/generated"));
    await pack("cdktf.out");
    expect((await unpack()).exitCode).toBe(1);
  });
});

describe("operate/review/preflight.sh", () => {
  const npx = (backend: string, preflight = "true") => `case "$*" in
    *check*) echo '{"config": {"backend": ${backend}}}' ;;
    *preflight*) ${preflight} ;;
  esac`;
  const inS3 = '{"s3": {"bucket": "state"}}';

  it("asks for every config", async () => {
    mkdirSync(join(folder, "clusters"));
    for (const name of ["dev", "prod"]) writeFileSync(join(folder, "clusters", `${name}.yml`), "");
    const { exitCode, calls } = await run("preflight.sh", { npx: npx(inS3) }, { CLUSTER_CONFIG: "clusters" });
    expect(exitCode).toBe(0);
    expect(calls.slice(-2)).toEqual([
      "npx registry-cluster --config clusters/dev.yml preflight",
      "npx registry-cluster --config clusters/prod.yml preflight",
    ]);
  });

  it("takes the files of a folder for configs that the plan is made of, and no others", async () => {
    mkdirSync(join(folder, "clusters"));
    for (const name of ["dev.yml", "prod.yaml", "builds.yml", "prod.builds.yaml", ".old.yml", "notes.txt"])
      writeFileSync(join(folder, "clusters", name), "");
    const { paths } = clusterFilesIn(join(folder, "clusters"));
    const { calls } = await run("preflight.sh", { npx: npx(inS3) }, { CLUSTER_CONFIG: "clusters" });
    expect(calls.filter((call) => call.endsWith(" preflight"))).toEqual(
      paths.map((path) => `npx registry-cluster --config ${relative(folder, path)} preflight`),
    );
  });

  it("fails when preflight finds something", async () => {
    expect((await run("preflight.sh", { npx: npx(inS3, "exit 1") })).exitCode).toBe(1);
  });

  it("fails when the state would be lost with the job", async () => {
    const { exitCode, all, calls } = await run("preflight.sh", { npx: npx("{}") });
    expect(exitCode).toBe(2);
    expect(all).toContain("cluster.yml: backend.s3: missing: the state of this deployment would be lost\n  mend: ");
    expect(calls).toEqual(["npx registry-cluster --config cluster.yml config check --json"]);
  });
});
