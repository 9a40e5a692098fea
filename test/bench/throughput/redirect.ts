import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "execa";
import { buildkit } from "../../../artifacts/buildkit.ts";
import { registryImage } from "../../../artifacts/registry-image.ts";
import { OperatorError } from "../../../common/errors.ts";
import { interrupted } from "../../../common/interrupt.ts";
import { uninterrupted } from "../../../common/program.ts";
import type { ClusterConfig } from "../../../config/schema.ts";
import { dockerExec } from "../../../machines/docker/docker.ts";
import { renderTree } from "../../../templates/render-tree.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { ports } from "../../../topology/ports.ts";
import type { BenchPlace } from "./machines.ts";

/** How a node applies a changed file. The setting's other changes are not on the path of the bytes. */
const takeUp: Readonly<Record<string, string>> = {
  "/etc/nginx/nginx.conf": "systemctl reload nginx",
  "/etc/distribution/config.yml": "systemctl restart registry",
};

/** A file of a node that depends on `storage.redirect`. */
export interface SwitchedFile {
  readonly node: string;
  readonly path: string;
  readonly plain: string;
  readonly redirecting: string;
}

/** What `storage.redirect` changes on the nodes of a cluster. */
export function switchedFiles(config: ClusterConfig): SwitchedFile[] {
  const rendered = (redirect: boolean) =>
    renderTree(planTopology({ ...config, storage: { ...config.storage, redirect } }), { registryImage, buildkit });
  const [plain, redirecting] = [rendered(false), rendered(true)];
  return Object.entries(plain).flatMap(([name, text]) => {
    const [node, path] = [name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/"))];
    const other = redirecting[name];
    return other !== undefined && other !== text && takeUp[path]
      ? [{ node, path, plain: text, redirecting: other }]
      : [];
  });
}

/** @throws OperatorError if a node's file differs from that of the config and this checkout. */
export async function refuseOtherFiles(place: BenchPlace, files: readonly SwitchedFile[]): Promise<void> {
  for (const { node, path, plain } of files) {
    if ((await dockerExec(containerOf(place, node), ["cat", path], { stripFinalNewline: false })) === plain) continue;
    throw new OperatorError(`${node} runs another ${path} than this checkout renders`, {
      fix: "npx registry-cluster lab up; if storage.redirect is true in the config, set it to false before",
    });
  }
}

/** Makes the cluster redirect clients to S3, as with `storage.redirect`. */
export async function redirectToS3(place: BenchPlace, files: readonly SwitchedFile[]): Promise<void> {
  await onNodes(place, files, ({ path, redirecting }) => [`cat > ${path}; ${takeUp[path]}`, { input: redirecting }]);
  await untilAllServe(place);
}

/** Restores changed files of the nodes. Continues after Ctrl-C. */
export async function restoreRedirect(place: BenchPlace, files: readonly SwitchedFile[]): Promise<void> {
  await onNodes(place, files, ({ node, path }) => {
    const own = `/var/lib/registry-cluster/current/rendered/${node}${path}`;
    return [`cmp -s ${own} ${path} || { cat ${own} > ${path}; ${takeUp[path]}; }`, uninterrupted];
  });
}

async function onNodes(
  place: BenchPlace,
  files: readonly SwitchedFile[],
  scriptFor: (file: SwitchedFile) => readonly [script: string, options: Options],
): Promise<void> {
  const runs = files.map((file) => {
    const [script, options] = scriptFor(file);
    return dockerExec(containerOf(place, file.node), ["sh", "-ec", script], options);
  });
  await Promise.all(runs);
}

async function untilAllServe({ registries }: BenchPlace): Promise<void> {
  for (const { container, privateIp } of registries) {
    const url = `http://${privateIp}:${ports.registry}/v2/`;
    const retry = ["--retry", "30", "--retry-delay", "1", "--retry-connrefused"];
    await dockerExec(container, ["curl", "--silent", "--show-error", ...retry, "--output", "/dev/null", url]);
  }
  // Proxies skip a registry for this long after it refused a connection.
  await sleep(6_000, undefined, { signal: interrupted });
}

function containerOf({ lab }: BenchPlace, node: string): string {
  const found = lab.nodes.find(({ name }) => name === node);
  if (!found) throw new OperatorError(`the lab has no ${node}`, { fix: "npm stop, then npm start" });
  return found.container;
}
