import { type EC2Client, paginateDescribeVpcs, type Vpc } from "@aws-sdk/client-ec2";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { askLimit } from "./ask-limit.ts";
import type { Usage } from "./facts.ts";
import { vpcQuota } from "./quotas.ts";
import { isOfCluster } from "./tags.ts";

/** Asks for the quota of VPCs, and how many there are. */
export async function askVpcs(ec2: EC2Client, quotas: ServiceQuotasClient, cluster: string): Promise<Usage> {
  const [limit, vpcs] = await Promise.all([askLimit(quotas, vpcQuota), askAllVpcs(ec2)]);
  return {
    limit,
    inUse: vpcs.length,
    ofCluster: vpcs.filter(({ Tags }) => isOfCluster(Tags, cluster)).length,
  };
}

async function askAllVpcs(ec2: EC2Client): Promise<Vpc[]> {
  const all: Vpc[] = [];
  for await (const { Vpcs = [] } of paginateDescribeVpcs({ client: ec2 }, {})) all.push(...Vpcs);
  return all;
}
