import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import { execa, type Result } from "execa";
import { vi } from "vitest";
import { rooms } from "../../../.dependency-cruiser.js";
import { checkout } from "../../../common/checkout.ts";
import { bundleStarter, type CommandLine, commandBundle, compiledBundle } from "../../command-bundle.ts";
import { type FakeDocker, withPath, writeFakeDocker } from "../lab/support.ts";

const parts = [...Object.keys(rooms), "salt"];
const files = [".terraform.lock.hcl", "cluster.yml", "main.ts", "package.json", "tsconfig.json"];

/** A copy of the checkout, in which commands can do no harm, and in which everything that they leave behind is seen. */
export function copyOfCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "registry-cluster-checkout-"));
  for (const part of [...parts, ...files]) cpSync(join(checkout, part), join(copy, part), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Every file of a copy of the checkout. */
export function filesOf(copy: string): string[] {
  const parts = readdirSync(copy, { withFileTypes: true }).filter(({ name }) => name !== "node_modules");
  return parts.flatMap((part) => [
    part.name,
    ...(part.isDirectory() ? readdirSync(join(copy, part.name), { recursive: true, encoding: "utf8" }) : [])
      .map((name) => join(part.name, name))
      .sort(),
  ]);
}

export interface Invocation {
  /** The program that stands for docker. @default - one that fails */
  readonly docker?: FakeDocker;
  /** @default - the copy of the checkout */
  readonly cwd?: string;
}

let compiled: Buffer | undefined;

/** A copy of the checkout whose command line starts quickly: as a process, or in this one. */
export async function quickCopyOfCheckout(): Promise<string> {
  const copy = copyOfCheckout();
  writeFileSync(join(copy, "command-line.cjs"), await commandBundle());
  const starter = join(copy, "start.mjs");
  writeFileSync(starter, bundleStarter);
  if (compiled) writeFileSync(join(copy, compiledBundle), compiled);
  else {
    await execa(process.execPath, [starter, "--version"]);
    compiled = readFileSync(join(copy, compiledBundle));
  }
  return copy;
}

/** Starts the command line of a quick copy of the checkout as a process, which has neither Docker nor AWS. */
export function start(copy: string, args: readonly string[], { docker, cwd = copy }: Invocation = {}) {
  const options = { cwd, reject: false, env: environmentOf(docker) } as const;
  return execa(process.execPath, [join(copy, "start.mjs"), ...args], options);
}

/** Runs the command line of a quick copy of the checkout in this process, for what it prints and the code it ends with. */
export async function run(copy: string, args: readonly string[], { docker, cwd = copy }: Invocation = {}) {
  const before = process.cwd();
  for (const [name, value] of Object.entries(environmentOf(docker))) vi.stubEnv(name, value);
  process.chdir(cwd);
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).flatMap((stream) => [
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += text;
      return true;
    }),
    vi.spyOn(console, stream === "stdout" ? "log" : "error").mockImplementation((...values) => {
      said[stream] += `${format(...values)}\n`;
    }),
  ]);
  try {
    const { createProgram, reportFailure } = createRequire(import.meta.url)(
      join(copy, "command-line.cjs"),
    ) as CommandLine;
    await reportFailure(() => createProgram().parseAsync(args, { from: "user" }));
    return { exitCode: Number(process.exitCode ?? 0), stdout: said.stdout.trimEnd(), stderr: said.stderr.trimEnd() };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
    process.chdir(before);
    vi.unstubAllEnvs();
  }
}

const environmentOf = (docker: FakeDocker = writeFakeDocker("exit 1")) => ({
  PATH: withPath(docker),
  CLUSTER_CONFIG: "",
  FORCE_COLOR: undefined,
  ...withoutAws,
});

/** No credentials, and nowhere to look for them. */
export const withoutAws = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** The text of the example config, changed. */
export function configText(copy: string, ...changes: readonly (readonly [from: RegExp, to: string])[]): string {
  const text = readFileSync(join(copy, "cluster.yml"), "utf8");
  return changes.reduce((changed, [from, to]) => changed.replace(from, to), text);
}

/** Writes the state of a lab into a copy of the checkout, as if it were up. */
export function writeLab(copy: string, name: string, state: object): void {
  const folder = join(copy, ".lab", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "state.json"), JSON.stringify(state));
}

export const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

export type { Result };
