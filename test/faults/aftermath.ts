import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { interrupted } from "../../common/interrupt.ts";
import type { LabNode, LabState } from "../../lab/state.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { ports } from "../../topology/ports.ts";
import { acknowledgedReads, readerInput, readerScript, readsIn } from "./final-reads.ts";
import type { History } from "./history.ts";

/** Requests that each proxy has logged. */
export async function requestsServed(lab: LabState): Promise<Record<string, number>> {
  const proxies = lab.nodes.filter(({ role }) => role === "proxy");
  const counts = proxies.map(async ({ name, container }) => {
    const lines = await dockerExec(container, ["sh", "-c", "wc -l < /var/log/nginx/access.log"]);
    return [name, Number(lines)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/** Reads every acknowledged image at every registry, on the registry's own machine, so that no proxy can hide a loss. */
export async function readEverything(lab: LabState, history: History, auth: string): Promise<void> {
  const input = readerInput(acknowledgedReads(history.events), auth);
  const registries = lab.nodes.filter(({ role }) => role === "registry");
  const readAt = async (registry: LabNode) => {
    await untilItAnswers(registry);
    const reader = ["python3", "-c", readerScript, registry.privateIp, String(ports.registry)];
    return readsIn(await dockerExec(registry.container, reader, { input }), registry.name);
  };
  for (const reads of await Promise.all(registries.map(readAt))) {
    for (const read of reads) history.add(read);
  }
}

/** A registry that was off or without storage needs a while. What it cannot read after that counts. */
async function untilItAnswers({ container, privateIp }: LabNode): Promise<void> {
  const ask = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"];
  const url = `http://${privateIp}:${ports.registry}/v2/`;
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 1_000) {
    const status = await dockerExec(container, [...ask, url]).catch(() => "");
    if (status === "401") return;
    await sleep(1_000, undefined, { signal: interrupted });
  }
}

/** Makes every node converge, one after the other, and records what changed. */
export async function convergeOnce(lab: LabState, history: History): Promise<void> {
  for (const { name, container } of lab.nodes) {
    const program = ["exec", container, "/usr/local/sbin/registry-cluster-converge"];
    const { exitCode, stdout } = await execa("docker", program, { reject: false, cancelSignal: interrupted });
    const changed = [...stdout.matchAll(/Name: (.+) - Function: (\S+) - Result: Changed/g)].map(
      ([, state, made]) => `${made} ${state}`,
    );
    const succeeded = exitCode === 0 && /^Succeeded: +[1-9]/m.test(stdout) && /^Failed: +0$/m.test(stdout);
    history.add({ type: "converged", at: Date.now(), node: name, succeeded, changed });
  }
}
