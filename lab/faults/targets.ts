import { didYouMean } from "../../common/did-you-mean.ts";
import { OperatorError } from "../../common/errors.ts";
import type { LabNode } from "../state.ts";
import type { LabFault } from "./catalogue.ts";

/** @throws OperatorError if there is none of this name. */
export function faultNamed(faults: readonly LabFault[], name: string): LabFault {
  const fault = faults.find((fault) => fault.name === name);
  if (fault) return fault;
  const names = faults.map((fault) => fault.name);
  throw new OperatorError(`no fault '${name}'`, {
    fix: `${meant(name, names)}one of ${names.join(", ")}; npx registry-cluster lab fault says what they mean`,
  });
}

/**
 * The nodes that a fault strikes.
 *
 * @param named the node that the operator named.
 * @param holder private address of the proxy that holds the service address, if one does.
 * @throws OperatorError if there is no such node, or the fault cannot strike it.
 */
export function targetsOf(
  { name, strikes, everywhere }: LabFault,
  nodes: readonly LabNode[],
  named: string | undefined,
  holder: string | undefined,
): LabNode[] {
  if (strikes === "cluster") {
    if (named !== undefined) {
      throw new OperatorError(`${name} strikes the whole cluster, not '${named}'`, { fix: "leave the node out" });
    }
    return [];
  }
  const allowed = nodes.filter(({ role }) => (strikes === "node" ? role !== "bastion" : role === strikes));
  if (named === undefined) {
    if (everywhere) return allowed;
    const one = allowed.find(({ privateIp }) => privateIp === holder) ?? allowed[0];
    if (!one)
      throw new OperatorError(`the lab has no node that ${name} can strike`, { fix: "npx registry-cluster lab up" });
    return [one];
  }
  const node = allowed.find((node) => node.name === named);
  if (node) return [node];
  const names = allowed.map((node) => node.name);
  const isThere = nodes.some((node) => node.name === named);
  throw new OperatorError(isThere ? `${name} cannot strike ${named}` : `no node '${named}' in the lab`, {
    fix: `${isThere ? "" : meant(named, names)}one of ${names.join(", ")}`,
  });
}

function meant(given: string, names: readonly string[]): string {
  const name = didYouMean(given, names);
  return name === undefined ? "" : `did you mean ${name}? `;
}
