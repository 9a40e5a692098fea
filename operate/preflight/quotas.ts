import type { ClusterNode } from "../../topology/topology.ts";

/** What an account may have in a region. AWS raises it on request. */
export interface Quota {
  /** What it counts. */
  readonly subject: string;
  /** AWS's names of the service and of the quota. */
  readonly service: "ec2" | "vpc";
  readonly code: string;
  /** How an operator can make room without a higher quota. */
  readonly makeRoom: string;
}

export const elasticIpQuota: Quota = {
  subject: "Elastic IPs",
  service: "ec2",
  code: "L-0263D0A3",
  makeRoom: "release some",
};

/** "VPCs per Region". What a VPC contains has quotas per VPC, which one cluster never reaches. */
export const vpcQuota: Quota = { subject: "VPCs", service: "vpc", code: "L-F678F1CE", makeRoom: "delete one" };

/** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances": despite its name, it counts virtual CPUs. */
export const vcpuQuota: Quota = { subject: "vCPUs", service: "ec2", code: "L-1216C47A", makeRoom: "stop instances" };

/** How many virtual CPUs of that quota these nodes need, by what their instance types have. */
export const plannedVcpus = (nodes: readonly ClusterNode[], byType: ReadonlyMap<string, number>) =>
  nodes.reduce((sum, { instanceType }) => sum + (byType.get(instanceType) ?? 0), 0);

/** Whether instances of a type count towards the quota of virtual CPUs. */
export const isStandard = (type = "") => /^([acdhimrtz]\d|im\d|is\d)/.test(type);
