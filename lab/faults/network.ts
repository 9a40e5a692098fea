import { vrrpProtocol } from "../../topology/ports.ts";
import type { LabNode, LabState } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, dropIncoming } from "./machine.ts";

/** Faults of the network between the proxies. */
export const networkFaults = {
  "vrrp-drop-one-way": (node: LabNode, lab: LabState) => earliest(others(node, lab).map(deafTo(node))),
  "vrrp-drop": (node: LabNode, lab: LabState) => earliest(bothWays(node, lab)),
  "vrrp-loss": (node: LabNode, lab: LabState) => earliest(bothWays(node, lab, "numgen random mod 100 < 40")),
};

function bothWays(node: LabNode, lab: LabState, which = ""): Promise<Injected>[] {
  return others(node, lab).flatMap((other) => [deafTo(node, which)(other), deafTo(other, which)(node)]);
}

/** Drops adverts at the receiver: at the sender, keepalived would get an error that a real network does not give. */
function deafTo(sender: LabNode, which = ""): (receiver: LabNode) => Promise<Injected> {
  const adverts = `ip saddr ${sender.privateIp} ip protocol ${vrrpProtocol} ${which}`;
  return ({ container }) => act(container, `now\n${dropIncoming(adverts)}`);
}

const others = (node: LabNode, { nodes }: LabState) =>
  nodes.filter(({ role, name }) => role === "proxy" && name !== node.name);

async function earliest(faults: readonly Promise<Injected>[]): Promise<Injected> {
  return { at: Math.min(...(await Promise.all(faults)).map(({ at }) => at)) };
}
