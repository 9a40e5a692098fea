import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { archiveFiles } from "../../bundle/archive.ts";
import { checkout } from "../../common/checkout.ts";
import { provisioningKeys } from "../../topology/names.ts";
import { awsCli } from "./aws-cli.ts";
import { temporaryFolder, write } from "./files.ts";

const programs = join(checkout, "salt", "converge", "files");
const nodeNames = ["a", "b", "c"];

/** Nodes that run the real converge script, each in a folder of its own, with one bucket. Their bundles only say whether they work. */
export class RolloutNodes {
  private readonly folder = temporaryFolder();
  private readonly bucket = join(this.folder, "bucket");

  constructor() {
    write(join(this.folder, "bin", "aws"), awsCli(this.bucket), 0o755);
    for (const node of nodeNames) {
      mkdirSync(join(this.root(node), "etc"), { recursive: true });
      write(this.path(node, "/etc/registry-cluster/node.env"), `NODE=${node}\nPROVISIONING_BUCKET=bucket\n`);
      write(this.path(node, "/usr/local/sbin/registry-cluster-check"), this.check(node), 0o755);
    }
  }

  /**
   * Makes a bundle current.
   *
   * @param where what it does by node: `apply` fails, or it applies and then the `check` fails
   * @returns its hash
   */
  async deploy(name: string, where: Readonly<Record<string, "apply" | "check">> = {}): Promise<string> {
    const broken = (what: string) => nodeNames.filter((node) => where[node] === what).join("|") || "none";
    const apply = `#!/bin/bash
echo "$NODE applies ${name}"
rm -f "$ROOT/broken"
case $NODE in ${broken("apply")}) exit 2 ;; ${broken("check")}) echo "nginx is failed" > "$ROOT/broken" ;; esac
`;
    const files: Record<string, string> = { apply };
    const rollout = readFileSync(join(programs, "registry_cluster_rollout.py"), "utf8");
    files["salt/converge/files/registry_cluster_rollout.py"] = rollout.replace(
      'Path("/var/lib',
      'Path(os.environ["ROOT"] + "/var/lib',
    );
    for (const node of nodeNames)
      files[`rendered/${node}/etc/systemd/system/registry-cluster-converge.service`] = "TimeoutStartSec=30min\n";
    const archive = await archiveFiles(files);
    const sha256 = createHash("sha256").update(archive).digest("hex");
    const key = provisioningKeys.bundle(sha256);
    mkdirSync(join(this.bucket, "bundles"), { recursive: true });
    writeFileSync(join(this.bucket, key), archive);
    write(join(this.bucket, provisioningKeys.pointer), `bundle: ${key}\nsha256: ${sha256}\n`);
    return sha256;
  }

  /** A node's turn. */
  async converge(node: string): Promise<{ exitCode: number | undefined; log: string }> {
    const script = readFileSync(join(programs, "registry-cluster-converge"), "utf8").replaceAll(
      /\/(var|run|etc|usr)\/(lib|log|local|registry-cluster)\b/g,
      `${this.root(node)}$&`,
    );
    const file = write(join(this.root(node), "converge"), script);
    const env = { ROOT: this.root(node), PATH: `${join(this.folder, "bin")}:${process.env.PATH}` };
    const { exitCode, all } = await execa("bash", [file], { env, all: true, reject: false });
    return { exitCode, log: all };
  }

  /** The bundle that a node applied last. */
  runs(node: string): string {
    return basename(readlinkSync(this.path(node, "/var/lib/registry-cluster/current")));
  }

  report(node: string): Record<string, string> {
    return JSON.parse(readFileSync(join(this.bucket, provisioningKeys.report(node)), "utf8"));
  }

  /** Writes the report of another node. */
  writeReport(node: string, report: object): void {
    write(join(this.bucket, provisioningKeys.report(node)), JSON.stringify({ node, ...report }));
  }

  control(control: object): void {
    write(join(this.bucket, provisioningKeys.rolloutControl), JSON.stringify(control));
  }

  /** How many objects all nodes have written so far. */
  writes(): number {
    const file = join(this.bucket, "writes");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }

  /** Every object that nodes have written. */
  written(): string[] {
    return readdirSync(join(this.bucket, "rollout"), { recursive: true, encoding: "utf8" }).sort();
  }

  /** The next run of a node neither waits nor heeds failures. */
  atOnce(node: string): void {
    write(this.path(node, "/run/registry-cluster/at-once"), "");
  }

  private root = (node: string) => join(this.folder, node);
  private path = (node: string, path: string) => join(this.root(node), path);

  private check(node: string): string {
    const broken = join(this.root(node), "broken");
    return `#!/bin/sh\n[ ! -e ${broken} ] || { cat ${broken} >&2; exit 1; }\n`;
  }
}
