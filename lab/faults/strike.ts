import type { LabNode, LabState } from "../state.ts";
import { addressHolder } from "../status.ts";
import { type FaultName, faults, type Injected, type LabFault } from "./catalogue.ts";
import { cloudFaults } from "./cloud.ts";
import { deploy } from "./deploy.ts";
import { networkFaults } from "./network.ts";
import { nodeFaults } from "./node.ts";
import { proxyFaults } from "./proxy.ts";
import { registryFaults } from "./registry.ts";
import { faultNamed, targetsOf } from "./targets.ts";

type Injector = (node: LabNode, lab: LabState) => Promise<Injected>;

const injectors: Readonly<Record<Exclude<FaultName, "deploy">, Injector>> = {
  ...proxyFaults,
  ...nodeFaults,
  ...networkFaults,
  ...cloudFaults,
  ...registryFaults,
};

/** A fault, and the nodes to strike. */
export interface Aim {
  readonly fault: LabFault;
  /** None for a fault that strikes the cluster. */
  readonly nodes: readonly LabNode[];
}

/**
 * Finds the fault and the nodes to strike.
 *
 * @param node name of the node to strike. For the default, see {@link LabFault.everywhere}.
 * @throws OperatorError if the fault or the node does not exist, or the fault cannot strike the node.
 */
export async function aim(lab: LabState, name: string, node?: string): Promise<Aim> {
  const fault = faultNamed(faults, name);
  return { fault, nodes: targetsOf(fault, lab.nodes, node, await addressHolder(lab)) };
}

/** Injects a fault. Resolves when it is in effect. */
export async function strike(lab: LabState, { fault, nodes }: Aim): Promise<Injected> {
  const name = fault.name as FaultName;
  if (name === "deploy") return deploy(lab);
  const injected = await Promise.all(nodes.map((node) => injectors[name](node, lab)));
  return { at: Math.min(...injected.map(({ at }) => at)) };
}

/** Aims and strikes. */
export async function inject(lab: LabState, name: string, node?: string): Promise<Injected> {
  return strike(lab, await aim(lab, name, node));
}
