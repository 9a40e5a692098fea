import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { containerOf } from "../../lab/machines.ts";
import type { LabState } from "../../lab/state.ts";
import { ports } from "../../topology/ports.ts";
import type { History } from "./history.ts";

/**
 * Each script prints a line again and again. It waits by reading its input, which ends when we do: a program that was begun
 * with `docker exec` outlives its client.
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

/** An address that stays is written down this often. */
const repeatMs = 1_000;

/** Watches who has the address, which proxies are master, and whose nginx answers. @returns how to end it. */
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

/** Runs a script in a container and hands on each line that it prints. Begins anew when the machine has been off. */
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
        // A file that is being replaced may be read half.
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
