import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { containerOf } from "../../lab/machines.ts";
import type { LabState } from "../../lab/state.ts";
import { ports } from "../../topology/ports.ts";
import type { History } from "./history.ts";

/**
 * Each script prints a line repeatedly. It waits by reading its input, which ends when we do: otherwise a program started with
 * `docker exec` would outlive its client.
 */
const whereIsTheAddress = `while read -r -t 0.2; (( $? > 128 )); do
  text=$(</run/lab/addresses.json)
  echo "\${text//$'\\n'/}"
done`;
const howIsTheProxy = `while read -r -t 0.5; (( $? > 128 )); do
  if [[ $(ip -brief address show lo) == *169.254.0.* ]]; then master=true; else master=false; fi
  if curl --silent --fail --output /dev/null --max-time 2 http://127.0.0.1:${ports.proxyHealth}/healthz; then healthy=true; else healthy=false; fi
  echo "{\\"master\\":$master,\\"healthy\\":$healthy}"
done`;

/** How often to record an address that has not moved. */
const repeatMs = 1_000;

/** Watches the holder, the masters, and whose nginx answers. @returns a function that ends it. */
export function watch(lab: LabState, history: History): () => void {
  const proxies = lab.nodes.filter(({ role }) => role === "proxy");
  let seen: { holder: string | undefined; at: number } | undefined;
  const stops = [
    follow(containerOf(lab.name, "aws"), whereIsTheAddress, (line) => {
      const { addresses } = JSON.parse(line) as { addresses: { public_ip: string; private_ip: string | null }[] };
      const privateIp = addresses.find(({ public_ip }) => public_ip === lab.serviceAddress)?.private_ip;
      const holder = lab.nodes.find((node) => node.privateIp === privateIp)?.name;
      const at = Date.now();
      if (seen?.holder === holder && at - seen!.at < repeatMs) return;
      seen = { holder, at };
      history.add({ type: "address", at, holder });
    }),
    ...proxies.map(({ name, container }) =>
      follow(container, howIsTheProxy, (line) => {
        const { master, healthy } = JSON.parse(line) as { master: boolean; healthy: boolean };
        history.add({ type: "proxy", at: Date.now(), node: name, master, healthy });
      }),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Runs a script in a container and passes on each line that it prints. Restarts it after the machine was off. */
function follow(container: string, script: string, onLine: (line: string) => void): () => void {
  let stopped = false;
  let running: ChildProcess | undefined;
  const run = async () => {
    while (!stopped) {
      const child = spawn("docker", ["exec", "-i", container, "bash", "-c", script], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      running = child;
      const ended = new Promise((resolve) => child.once("close", resolve));
      createInterface(child.stdout).on("line", (line) => {
        // While the file is replaced, a read may be incomplete.
        if (line.endsWith("}")) onLine(line);
      });
      await ended;
      if (!stopped) await sleep(300);
    }
  };
  void run();
  return () => {
    stopped = true;
    running?.stdin?.end();
    running?.kill();
  };
}
