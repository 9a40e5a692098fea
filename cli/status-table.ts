import Table from "cli-table3";
import type { LabStatus } from "../lab/status.ts";

/** The nodes of a lab, one per line, and whether it is as slow as AWS. */
export function formatStatus(status: LabStatus): string {
  return [nodesOf(status), ...paceOf(status)].join("\n");
}

function nodesOf(status: LabStatus): string {
  if (status.nodes.length === 0 && status.url) {
    return `the lab '${status.name}' has an AWS and no nodes yet: npx cdktf deploy, then npx registry-cluster lab up --applied`;
  }
  if (status.nodes.length === 0) return `the lab '${status.name}' is not up: npx registry-cluster lab up`;
  const table = new Table({
    head: ["node", "role", "private address", "services", "Elastic IP"],
    style: { head: [], border: [] },
  });
  for (const { node, role, privateIp, running, services, holdsServiceAddress } of status.nodes) {
    const states = Object.entries(services).map(([service, state]) => `${service} ${state}`);
    const elasticIp = holdsServiceAddress ? (status.serviceAddress ?? "") : "";
    table.push([node, role, privateIp, running ? states.join(", ") : "powered off", elasticIp]);
  }
  return table.toString();
}

/** Says if AWS takes its time, and how to have the same delays again. */
export function paceOf({ asOnAws }: Pick<LabStatus, "asOnAws">): string[] {
  return asOnAws === undefined ? [] : [`with AWS's delays and limits; the same ones again: --as-on-aws ${asOnAws}`];
}
