import { GetServiceQuotaCommand, type ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { Quota } from "./quotas.ts";

/** Asks for the account's limit. */
export async function askLimit(quotas: ServiceQuotasClient, { service, code }: Quota): Promise<number> {
  const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code }));
  return Quota?.Value ?? 0;
}
