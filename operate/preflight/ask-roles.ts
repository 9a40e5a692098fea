import { GetInstanceProfileCommand, GetRoleCommand, type IAMClient, NoSuchEntityException } from "@aws-sdk/client-iam";
import type { ClusterConfig } from "../../config/schema.ts";
import { iamRoleName } from "../../topology/names.ts";
import { rolesOf } from "../../topology/roles.ts";

/** @returns which roles and instance profiles exist, of those that the plan has */
export async function askRoles(iam: IAMClient, config: ClusterConfig): Promise<string[]> {
  const ofNodes = rolesOf(config).map((role) => iamRoleName(config, role));
  const ofService = config.network.flowLogs === "none" ? [] : [iamRoleName(config, "flow-logs")];
  const found = await Promise.all([
    ...[...ofNodes, ...ofService].map(async (name) => {
      const isThere = await exists(() => iam.send(new GetRoleCommand({ RoleName: name })));
      return isThere ? [`role ${name}`] : [];
    }),
    ...ofNodes.map(async (name) => {
      const isThere = await exists(() => iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name })));
      return isThere ? [`instance profile ${name}`] : [];
    }),
  ]);
  return found.flat();
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return false;
    throw error;
  }
}
