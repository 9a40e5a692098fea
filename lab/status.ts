import { type Role, roles } from "../topology/roles.ts";
import { ask, containerOf, runningMachines, serviceStates } from "./machines.ts";
import { type LabNode, type LabState, readState } from "./state.ts";

/** State of a node, according to the node itself and AWS. */
export interface NodeStatus {
  readonly node: string;
  readonly role: Role;
  readonly privateIp: string;
  readonly running: boolean;
  /** systemd state of each service of the node's role. */
  readonly services: Readonly<Record<string, string>>;
  readonly holdsServiceAddress: boolean;
}

export interface LabStatus {
  readonly name: string;
  readonly up: boolean;
  readonly serviceAddress?: string;
  readonly url?: string;
  /** Seed of AWS's delays, if this lab has them. */
  readonly asOnAws?: number;
  readonly nodes: readonly NodeStatus[];
}

export async function statusOf(name: string): Promise<LabStatus> {
  const state = readState(name);
  if (!state) return { name, up: false, nodes: [] };
  const [running, holder] = await Promise.all([runningMachines(name), addressHolder(state)]);
  const nodes = await Promise.all(state.nodes.map((node) => nodeStatus(node, running.has(node.container), holder)));
  return {
    name,
    up: nodes.every(isHealthy) && nodes.some((node) => node.holdsServiceAddress),
    serviceAddress: state.serviceAddress,
    url: `https://127.0.0.1:${state.ports.https}`,
    ...(state.asOnAws === undefined ? {} : { asOnAws: state.asOnAws }),
    nodes,
  };
}

const isHealthy = ({ running, services }: NodeStatus) =>
  running && Object.values(services).every((service) => service === "active");

/** @returns private address of the instance that AWS routes the service address to. */
export async function addressHolder(state: LabState): Promise<string | undefined> {
  const text = await ask(containerOf(state.name, "aws"), "cat", "/run/lab/addresses.json");
  if (text === undefined) return undefined;
  const { addresses } = JSON.parse(text) as { addresses: { public_ip: string; private_ip: string | null }[] };
  return addresses.find(({ public_ip }) => public_ip === state.serviceAddress)?.private_ip ?? undefined;
}

async function nodeStatus(node: LabNode, running: boolean, holder: string | undefined): Promise<NodeStatus> {
  const names = roles[node.role].services;
  const states = running ? await serviceStates(node.container, names) : [];
  return {
    node: node.name,
    role: node.role,
    privateIp: node.privateIp,
    running,
    services: Object.fromEntries(names.map((name, index) => [name, states[index] ?? "unknown"])),
    holdsServiceAddress: running && node.privateIp === holder,
  };
}
