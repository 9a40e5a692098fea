import { containerOf } from "../machines.ts";
import type { LabNode, LabState } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, dropIncoming, dropNothing } from "./machine.ts";
import { powerOff } from "./node.ts";

/** Faults of AWS, as one node sees it. All of them are injected on the AWS machine. */
export const cloudFaults = {
  "api-unreachable": (node: LabNode, lab: LabState) =>
    cutOff(node, lab, [lab.awsAddress, ...lab.endpoints.map(({ privateIp }) => privateIp)]),
  "api-slow": marked("api-slow"),
  "api-throttled": marked("api-throttled"),
  "api-stale": marked("api-stale"),
  "metadata-down": ({ privateIp }: LabNode, lab: LabState) =>
    inAws(lab, `now\n${dropIncoming(`ip saddr ${privateIp} ip daddr 169.254.169.254`)}`),
  "s3-503": marked("s3-503"),
  "s3-slow": marked("s3-slow"),
  "s3-cut": (node: LabNode, lab: LabState) => cutOff(node, lab, [lab.s3Address]),
  "zone-off": endZone,
};

function cutOff({ privateIp }: LabNode, lab: LabState, from: readonly string[]): Promise<Injected> {
  return inAws(lab, `now\n${dropIncoming(`ip saddr ${privateIp} ip daddr { ${from} } tcp dport 443`)}`);
}

/** Endpoints first: none may answer once the zone's machines are off. */
async function endZone({ zone }: LabNode, lab: LabState): Promise<Injected> {
  const endpoints = lab.endpoints.filter((endpoint) => endpoint.zone === zone);
  const { at } = await inAws(lab, `now\n${dropIncoming(...endpoints.map(({ privateIp }) => `ip daddr ${privateIp}`))}`);
  await Promise.all(lab.nodes.filter((node) => node.zone === zone).map(({ container }) => powerOff(container)));
  return { at };
}

/** The fronts look for this file at each request: see `lab/cloud/faults.py`. */
function marked(fault: string): (node: LabNode, lab: LabState) => Promise<Injected> {
  return ({ privateIp }, lab) => inAws(lab, `mkdir -p ${marks}\nnow; touch ${marks}/${fault}-${privateIp}`);
}

const marks = "/run/lab/faults";

const inAws = (lab: LabState, script: string) => act(containerOf(lab.name, "aws"), script);

/** Undoes all of these. */
export const healAws = `rm -rf ${marks}\n${dropNothing}`;
