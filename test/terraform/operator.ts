import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { execa, execaSync } from "execa";
import { checkout } from "../../common/checkout.ts";
import type { LabState } from "../../lab/state.ts";
import { freePort } from "../programs/moto.ts";

/** How a command of the operator's ended. */
export interface Outcome {
  readonly exitCode: number | undefined;
  /** All that it printed, without colours. */
  readonly text: string;
  /** What it printed for a script to read. */
  readonly stdout: string;
}

/**
 * An operator with a clone of the project, an AWS on this machine, and no account: types what lab/README.md says, in a shell that
 * has the environment of `lab env`.
 */
export class Operator {
  readonly name: string;
  /** The clone. */
  readonly folder: string;

  constructor(name: string) {
    this.name = name;
    this.folder = clone();
    this.edit("cluster.yml", [
      [/^name: registry$/m, `name: ${name}`],
      // Beside a lab that may be up already.
      [/^ {2}cidr: 10\.80\.0\.0\/16$/m, "  cidr: 10.90.0.0/16"],
      [/^ {2}bucket: .*$/m, `  bucket: ${name}-example-internal`],
    ]);
  }

  /** Boots the AWS on this machine. */
  async emulateAws(): Promise<Outcome> {
    const ports = ["--https-port", String(await freePort()), "--ssh-port", String(await freePort())];
    return this.command(["npm", "run", "--silent", "aws:emulate", "--", ...ports]);
  }

  /** Runs a command in the environment that the lab prints. */
  run(...command: string[]): Promise<Outcome> {
    return this.command(["bash", "-c", 'eval "$(npx registry-cluster lab env)" && exec "$@"', "bash", ...command]);
  }

  /** The same, with other variables besides. */
  runWith(env: Record<string, string>, ...command: string[]): Promise<Outcome> {
    return this.run("env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command);
  }

  /** Changes a file of the clone. @throws when a pattern does not match. */
  edit(file: string, changes: readonly (readonly [pattern: RegExp, replacement: string])[]): void {
    const path = join(this.folder, file);
    let text = readFileSync(path, "utf8");
    for (const [pattern, replacement] of changes) {
      if (!pattern.test(text)) throw new Error(`${file} has no ${pattern}`);
      text = text.replace(pattern, replacement);
    }
    writeFileSync(path, text);
  }

  /** The lab's state, as the clone has it. */
  get lab(): LabState {
    return JSON.parse(readFileSync(join(this.folder, ".lab", this.name, "state.json"), "utf8"));
  }

  /** Of the owner of the account. */
  get credentials(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
    return JSON.parse(readFileSync(join(this.folder, ".lab", this.name, "aws", "operator.json"), "utf8"));
  }

  /** Clients of the AWS on this machine, as the owner of the account. */
  get aws(): { readonly ec2: EC2Client; readonly iam: IAMClient } {
    const { lab, credentials } = this;
    const options = { region: lab.region, endpoint: `http://127.0.0.1:${lab.ports.api}`, credentials };
    return { ec2: new EC2Client(options), iam: new IAMClient(options) };
  }

  /** Removes the AWS on this machine and the clone. */
  async leave(): Promise<void> {
    await this.command(["npm", "stop"]);
    rmSync(this.folder, { recursive: true });
  }

  private async command([program = "", ...args]: readonly string[]): Promise<Outcome> {
    const options = { cwd: this.folder, env: withoutAws, reject: false, all: true } as const;
    const { exitCode, all, stdout } = await execa(program, args, options);
    return { exitCode, text: stripVTControlCharacters(all), stdout };
  }
}

/** Whatever AWS the person who runs the tests has, it is not to be touched. */
const withoutAws = Object.fromEntries(
  [
    ...Object.keys(process.env).filter((name) => name.startsWith("AWS_") || name === "CLUSTER_CONFIG"),
    "FORCE_COLOR",
  ].map((name) => [name, undefined]),
);

/** What git would give to a stranger, if all that is here were committed; with the packages, which take long to install. */
function clone(): string {
  const folder = mkdtempSync(join(tmpdir(), "registry-cluster-clone-"));
  const options = { cwd: checkout, lines: true } as const;
  const { stdout } = execaSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], options);
  for (const file of stdout.filter((file) => existsSync(join(checkout, file))))
    cpSync(join(checkout, file), join(folder, file));
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  return folder;
}
