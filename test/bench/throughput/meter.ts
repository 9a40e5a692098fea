import { OperatorError } from "../../../common/errors.ts";
import { addressHolder } from "../../../lab/status.ts";
import { dockerExec } from "../../../machines/docker/docker.ts";
import type { BenchPlace } from "./machines.ts";
import { cpuBetween, type Process, parseMemory, parseProcesses } from "./processes.ts";
import type { DaemonMemory } from "./result.ts";

/** A machine on the path of the bytes, and its programs. */
export interface Station {
  readonly node: string;
  readonly container: string;
  /** Hops by program name. Packets that the kernel forwards are charged to the program that sent them. */
  readonly hops: Readonly<Record<string, string>>;
}

/** @throws OperatorError if no proxy has the service address. */
export async function stationsOf(place: BenchPlace): Promise<Station[]> {
  const holder = await addressHolder(place.lab);
  if (!place.proxies.some(({ privateIp }) => privateIp === holder)) {
    throw new OperatorError("no proxy has the service address", { fix: "npx registry-cluster lab status" });
  }
  return [
    ...place.proxies.map(({ name, container, privateIp }) => ({
      node: name,
      container,
      hops: proxyHops(privateIp === holder),
    })),
    ...place.registries.map(({ name, container }) => ({ node: name, container, hops: { registry: "registry" } })),
    { node: "bare", container: place.bare, hops: { registry: "registry" } },
    {
      node: "aws",
      container: place.aws,
      hops: { nginx: "S3: TLS", versitygw: "S3: objects", python: "S3: permissions" },
    },
  ];
}

/** Connections come to the holder of the address, and all proxies share them. */
function proxyHops(isHolder: boolean): Record<string, string> {
  return isHolder ? { haproxy: "HAProxy", nginx: "nginx of the holder" } : { nginx: "nginx of others" };
}

type Look = ReadonlyMap<Station, readonly Process[]>;

/** CPU time that the processes of all stations have used so far. */
export async function lookAtCpu(stations: readonly Station[]): Promise<Look> {
  // A process that ends meanwhile is not a failure.
  const read = ["sh", "-c", "cat /proc/[0-9]*/stat 2> /dev/null || true"];
  return new Map(
    await Promise.all(
      stations.map(async (station) => [station, parseProcesses(await dockerExec(station.container, read))] as const),
    ),
  );
}

/** CPU seconds of each hop between two looks. */
export function cpuSecByHop(before: Look, after: Look): Record<string, number> {
  const seconds: Record<string, number> = {};
  for (const [station, processes] of after) {
    const used = cpuBetween(before.get(station) ?? [], processes);
    for (const [command, hop] of Object.entries(station.hops)) {
      seconds[hop] = (seconds[hop] ?? 0) + (used.get(command) ?? 0);
    }
  }
  return seconds;
}

/** Daemons by the name of their processes. */
const daemons: Readonly<Record<string, string>> = {
  haproxy: "HAProxy",
  nginx: "nginx",
  keepalived: "keepalived",
  python3: "eip-keeper",
  registry: "registry",
  dockerd: "dockerd",
  containerd: "containerd",
  versitygw: "versitygw",
};

/** Measures the memory of all daemons repeatedly while `load` runs. @returns the peak of each. */
export async function memoryUnder(
  stations: readonly Station[],
  clients: number,
  load: () => Promise<unknown>,
): Promise<DaemonMemory[]> {
  const most = new Map<string, DaemonMemory>();
  // The bare registry is not part of the cluster, and not under the same load.
  const nodes = stations.filter(({ node }) => node !== "bare");
  let isRunning = true;
  const running = load().finally(() => {
    isRunning = false;
  });
  const looking = (async () => {
    while (isRunning) await Promise.all(nodes.map(look));
  })();
  await Promise.all([running, looking]);
  return [...most].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, memory]) => memory);

  async function look({ node, container }: Station): Promise<void> {
    const read = ["sh", "-c", "grep -sH '' /proc/[0-9]*/comm; grep -sH ^Pss: /proc/[0-9]*/smaps_rollup; true"];
    for (const [command, rssMib] of parseMemory(await dockerExec(container, read))) {
      const [daemon, key] = [daemons[command], `${node} ${command}`];
      if (daemon && rssMib > (most.get(key)?.rssMib ?? 0)) most.set(key, { daemon, node, clients, rssMib });
    }
  }
}
