import type { ClusterNode, Topology } from "../topology/topology.ts";

/** @returns what is wrong with a plan that the config's schema cannot see, one sentence each. */
export function topologyProblems(topology: Topology): string[] {
  return [
    ...zoneProblems("registries", topology.registries),
    ...zoneProblems("proxies", topology.proxies),
    ...subnetProblems("private", [...topology.registries, ...(topology.builder ? [topology.builder] : [])]),
    ...subnetProblems("public", [topology.bastion, ...topology.proxies]),
    ...addressProblems(topology.nodes),
  ];
}

function zoneProblems(group: string, nodes: readonly ClusterNode[]): string[] {
  const zones = [...new Set(nodes.map((node) => node.subnet.zone))];
  if (zones.length >= 2) return [];
  return [
    `${group} should be in at least two availability zones, got '${zones.join()}': plan two or more, and two zones for them`,
  ];
}

function subnetProblems(kind: "public" | "private", nodes: readonly ClusterNode[]): string[] {
  return nodes
    .filter((node) => node.subnet.kind !== kind)
    .map((node) => `${node.name} should be in a ${kind} subnet, got '${node.subnet.name}': plan it in a ${kind} one`);
}

function addressProblems(nodes: readonly ClusterNode[]): string[] {
  return nodes
    .filter((node, i) => nodes.findIndex((other) => other.privateIp === node.privateIp) < i)
    .map((node) => `${node.name} should have an address of its own, got '${node.privateIp}' twice: plan another`);
}
