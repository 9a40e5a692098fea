import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import { checkout } from "../common/checkout.ts";
import { copyOfCheckout, remove } from "./unit/cli/support.ts";

/**
 * Rehearses decision 1's way out: in a copy of the checkout, CDK Terrain stands in the place of CDK for Terraform. The copy must pass the
 * type checker, and its plan must have the very same resources. Takes some minutes and downloads 100 MB: `npm run exit-drill`.
 */
const successors = { cdktf: "cdktn", "@cdktf/provider-aws": "@cdktn/provider-aws" } as const;
const versions = { cdktn: "0.24.0", "@cdktn/provider-aws": "25.7.0" } as const;
/** `config/` and the like do not know cdktf: a test of imports says so. */
const folders = ["constructs", "stacks"];

type Plan = Readonly<Record<string, unknown>>;

function replaceImports(copy: string): number {
  const files = [
    "main.ts",
    ...folders.flatMap((folder) => readdirSync(join(copy, folder)).map((name) => join(folder, name))),
  ];
  const changed = files.filter((file) => {
    const text = readFileSync(join(copy, file), "utf8");
    const replaced = Object.entries(successors).reduce(
      (all, [old, name]) => all.replaceAll(new RegExp(`from "${old}(?=["/])`, "g"), `from "${name}`),
      text,
    );
    writeFileSync(join(copy, file), replaced);
    return replaced !== text;
  });
  return changed.length;
}

/** Both packages have others beside them, so they get a folder of their own; everything else is the checkout's. */
async function installSuccessors(copy: string, folder: string): Promise<void> {
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  writeFileSync(join(folder, "package.json"), "{}");
  await execa(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...packages, "constructs@10.7.2"],
    { cwd: folder },
  );
  const modules = join(copy, "node_modules");
  rmSync(modules);
  await execa("cp", ["--recursive", "--symbolic-link", join(checkout, "node_modules"), modules]);
  for (const name of Object.keys(versions)) {
    await execa("mkdir", ["--parents", join(modules, name, "..")]);
    symlinkSync(join(folder, "node_modules", name), join(modules, name));
  }
}

async function planOf(folder: string): Promise<Plan> {
  const outdir = mkdtempSync(join(tmpdir(), "registry-cluster-exit-plan-"));
  const env = { CLUSTER_CONFIG: "cluster.yml", CDKTF_OUTDIR: outdir, CDKTN_OUTDIR: outdir };
  await execa(process.execPath, ["--import", "tsx", "main.ts"], { cwd: folder, env });
  const plan = JSON.parse(readFileSync(join(outdir, "stacks", "registry", "cdk.tf.json"), "utf8")) as Plan;
  rmSync(outdir, { recursive: true });
  return withoutNotes(plan) as Plan;
}

/** cdktf's own notes about a resource, under `//`: Terraform reads them as comments. */
function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "//");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNotes(inner)]));
}

const copy = copyOfCheckout();
const packages = mkdtempSync(join(tmpdir(), "registry-cluster-exit-"));
try {
  console.log("- replacing imports");
  console.log(`  ${replaceImports(copy)} files changed`);
  console.log("- installing CDK Terrain");
  await installSuccessors(copy, packages);
  console.log("- checking types");
  await execa("npx", ["tsc", "--noEmit"], { cwd: copy, stdout: "inherit" });
  console.log("- comparing plans");
  const [ours, theirs] = [await planOf(checkout), await planOf(copy)];
  const parts = ["resource", "data", "output"].filter((part) => !isDeepStrictEqual(ours[part], theirs[part]));
  if (parts.length > 0) {
    console.error(`the plans differ in ${parts.join(", ")}: CDK Terrain is no longer a way out as decision 1 says`);
    process.exitCode = 1;
  } else {
    console.log("the plans have the same resources, data and outputs");
  }
} finally {
  remove(copy);
  rmSync(packages, { recursive: true });
}
