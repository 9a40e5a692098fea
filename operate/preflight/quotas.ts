/** What an account may have in a region. AWS raises it on request. */
export interface Quota {
  /** What it counts. */
  readonly subject: string;
  /** AWS's name of it, for the service `ec2`. */
  readonly code: string;
  /** How an operator can make room without a higher quota. */
  readonly makeRoom: string;
}

export const elasticIpQuota: Quota = { subject: "Elastic IPs", code: "L-0263D0A3", makeRoom: "release some" };

/** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances": despite its name, it counts virtual CPUs. */
export const vcpuQuota: Quota = { subject: "vCPUs", code: "L-1216C47A", makeRoom: "stop instances" };

/** Whether instances of a type count towards the quota of virtual CPUs. */
export const isStandard = (type = "") => /^([acdhimrtz]\d|im\d|is\d)/.test(type);
