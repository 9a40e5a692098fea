import { type EC2Client, paginateDescribeVpcs, type Vpc } from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand, type ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { Usage } from "./facts.ts";
import { vpcQuota } from "./quotas.ts";
import { isOfCluster } from "./tags.ts";

/** Asks how many VPCs the account may have, and has. */
export async function askVpcs(ec2: EC2Client, quotas: ServiceQuotasClient, cluster: string): Promise<Usage> {
  const { service, code } = vpcQuota;
  const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
  const all: Vpc[] = [];
  for await (const { Vpcs = [] } of paginateDescribeVpcs({ client: ec2 }, {})) all.push(...Vpcs);
  return {
    limit: Quota?.Value ?? 0,
    inUse: all.length,
    ofCluster: all.filter(({ Tags }) => isOfCluster(Tags, cluster)).length,
  };
}
