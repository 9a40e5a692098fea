import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { archiveFiles, readFiles } from "../../bundle/archive.ts";
import { checkout } from "../../common/checkout.ts";
import { loadConfig } from "../../config/load.ts";
import { clientsOf } from "../../lab/account/machine.ts";
import { convergeAll } from "../../lab/converge.ts";
import type { LabNode } from "../../lab/state.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { healthUrl } from "../../templates/proxy-files.ts";
import { provisioningKeys } from "../../topology/names.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { keepAsking, pushAndPull } from "./load.ts";
import { lab, proxies, registries, untilHealthy } from "./support.ts";

/** One thing that a bundle breaks at run time: every check of a file accepts it. */
interface Break {
  readonly what: string;
  /** Files of the bundle, and what is changed in each. */
  readonly files: RegExp;
  readonly change: (text: string) => string;
  readonly nodes: readonly LabNode[];
  readonly finding: RegExp;
}

const breaks: readonly Break[] = [
  {
    what: "nginx",
    files: /^rendered\/proxy-\d\/etc\/nginx\/nginx\.conf$/,
    change: (text) => text.replace("location /v2/ {", "location /v2/ {\n      return 500;"),
    nodes: proxies,
    finding: /nginx, as clients ask it: \S+ answered 500, must answer 401; went back$/,
  },
  {
    what: "haproxy",
    files: /^rendered\/proxy-\d\/etc\/haproxy\/haproxy\.cfg$/,
    change: (text) => text.replace("bind :443", "bind :4443"),
    nodes: proxies,
    finding: /HAProxy, as clients ask it: .*; went back$/s,
  },
  {
    what: "keepalived",
    files: /^rendered\/proxy-\d\/etc\/keepalived\/keepalived\.conf$/,
    change: (text) => text.replace(healthUrl, `${healthUrl}/of-nobody`),
    nodes: proxies,
    finding: /keepalived is in FAULT: .*; went back$/s,
  },
  {
    what: "the EIP keeper",
    files: /^salt\/eip-keeper\/files\/eip_keeper\.py$/,
    change: (text) => text.replace("    def run(self) -> NoReturn:\n", "$&        sys.exit(1)\n"),
    nodes: proxies,
    finding: /eip-keeper .*; went back$/s,
  },
  {
    what: "the registry",
    files: /^rendered\/registry-\d\/etc\/distribution\/config\.yml$/,
    change: (text) => text.replace(/(addr: \S+):5000/, "$1:5999"),
    nodes: registries,
    finding: /registry-1: \S+ .*refused; went back$/s,
  },
];

/** The others take minutes: SLOW_TESTS=1. */
const tried = process.env.SLOW_TESTS ? breaks : breaks.slice(0, 1);

const Bucket = planTopology(loadConfig(process.env.CLUSTER_CONFIG ?? `${checkout}/cluster.yml`)).provisioningBucket;
const { objects } = clientsOf(lab);
const getBytes = async (Key: string) => {
  const { Body } = await objects.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) as Uint8Array);
};
const put = (Key: string, Body: string | Buffer) => objects.send(new PutObjectCommand({ Bucket, Key, Body }));

const pointer = (await getBytes(provisioningKeys.pointer)).toString();
const files = await unpacked(await getBytes(/^bundle: (.*)$/m.exec(pointer)?.[1] as string));

/** Makes the lab's bundle current with some files changed. */
async function deploy(change: (path: string, text: string) => string): Promise<string> {
  const contents = Object.entries(files).map(([path, content]) => {
    const text = content.toString();
    const now = change(path, text);
    return [path, now === text ? content : now] as const;
  });
  const archive = await archiveFiles(Object.fromEntries(contents));
  const sha256 = createHash("sha256").update(archive).digest("hex");
  await put(provisioningKeys.bundle(sha256), archive);
  await put(provisioningKeys.pointer, `bundle: ${provisioningKeys.bundle(sha256)}\nsha256: ${sha256}\n`);
  return sha256;
}

/** @throws if there is nothing to change: such a bundle would break nothing. */
function changedBy(change: Break["change"], text: string): string {
  const now = change(text);
  if (now === text) throw new Error("the text that this test changes is not there");
  return now;
}

const changed = new Set<LabNode>();

/** A node's turn. @returns the exit code of its converge */
function turn(node: LabNode): Promise<number> {
  changed.add(node);
  return dockerExec(node.container, ["systemctl", "start", "registry-cluster-converge"]).then(
    () => 0,
    () => 1,
  );
}

const runs = (node: LabNode) => dockerExec(node.container, ["readlink", "/var/lib/registry-cluster/good"]);

const rollout = (...args: string[]) =>
  execa("node", [join(checkout, "cli", "bin.js"), "rollout", "--lab", ...args], { reject: false, all: true });

/** Takes back what the tests deployed. */
afterAll(async () => {
  await put(provisioningKeys.pointer, pointer);
  await convergeAll(lab.name, [...changed], "again", () => {});
  await untilHealthy();
});

describe.each(tried)("a bundle that breaks $what when it runs", ({ files: broken, change, nodes, finding }) => {
  it("stops at the first node, which goes back by itself, while clients go on", async () => {
    const load = keepAsking(120_000, pushAndPull("rollout/app"));
    const [first, second] = nodes as [LabNode, LabNode];
    const before = await runs(first);
    const bad = await deploy((path, text) => {
      if (broken.test(path)) return changedBy(change, text);
      // Services of a lab start within seconds.
      return path.endsWith("registry_cluster_check.py") ? text.replace("default=60", "default=8") : text;
    });

    expect(await turn(first)).toBe(1);
    expect(await runs(first)).toBe(before);
    expect(await turn(second)).toBe(0);
    expect(await runs(second)).toBe(before);

    const { exitCode, stdout } = await rollout("status", "--json");
    expect(exitCode).toBe(1);
    const { bundle, state, nodes: told } = JSON.parse(stdout);
    expect({ bundle, state }).toEqual({ bundle: bad, state: "stopped" });
    const failed = told.filter((node: { state: string }) => node.state === "failed");
    expect(failed).toEqual([expect.objectContaining({ node: first.name, detail: expect.stringMatching(finding) })]);

    expect(await load.stop()).toEqual([]);
    expect(load.served()).toBeGreaterThan(10);
    await untilHealthy();
  });
});

describe.runIf(process.env.SLOW_TESTS)("a good bundle after that", () => {
  it("rolls on", async () => {
    const good = await deploy((path, text) => (path.endsWith("/nginx.conf") ? `${text}# changed\n` : text));
    for (const node of lab.nodes) {
      expect(await turn(node)).toBe(0);
      expect(await runs(node)).toBe(`bundles/${good}`);
    }
    const { exitCode, stdout } = await rollout("status");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("done: every node runs it");
  });
});

async function unpacked(archive: Buffer): Promise<Record<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  try {
    writeFileSync(join(folder, "archive"), archive);
    await execa("tar", ["--extract", "--file", join(folder, "archive"), "--directory", folder]);
    const { archive: _, ...found } = readFiles(folder);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
