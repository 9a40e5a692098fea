import { vrrpProtocol } from "../../topology/ports.ts";
import type { LabNode, LabState } from "../state.ts";
import { forgottenAfterSec, type Injected, slowMbitPerSec } from "./catalogue.ts";
import { act, dropIncoming, table } from "./machine.ts";

/** Faults of a node's network. */
export const networkFaults = {
  "vrrp-drop-one-way": (node: LabNode, lab: LabState) => earliest(others(node, lab).map(deafTo(node))),
  "vrrp-drop": (node: LabNode, lab: LabState) => earliest(bothWays(node, lab)),
  "network-slow": ({ container }: LabNode) => act(container, `now\n${limitRate}`),
  "idle-cut": ({ container }: LabNode) => act(container, forgetSilence),
  "vrrp-loss": (node: LabNode, lab: LabState) => earliest(bothWays(node, lab, "numgen random mod 100 < 40")),
};

/** The rules of the security groups make each machine track its connections. A kernel remembers them for days. */
const tracking = (rememberedSec: number, isLoose: 0 | 1) =>
  `sysctl --quiet --ignore --write net.netfilter.nf_conntrack_tcp_timeout_established=${rememberedSec} net.netfilter.nf_conntrack_tcp_loose=${isLoose}`;

/** A later chain than that of the other faults, which sees packets before the kernel knows their connection. */
const forgetSilence = `now
${tracking(forgottenAfterSec, 0)}
nft --file - <<'END'
table ${table} {
  chain tracked {
    type filter hook input priority filter - 1; policy accept;
    ct state invalid counter drop
  }
}
END`;

/** A packet of the kernel may have 64 KiB before the network card cuts it, so the bucket holds some of them. */
const limitRate = `tc qdisc replace dev eth0 root tbf rate ${slowMbitPerSec}mbit burst 256kb latency 50ms`;

export const healRate = "tc qdisc delete dev eth0 root 2> /dev/null || true";

/** The kernel's own defaults. */
export const healTracking = tracking(432_000, 1);

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
