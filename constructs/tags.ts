import { tagKeys } from "../config/derived-names.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { terraformLiteral } from "./terraform-literal.ts";

export type Tags = Record<string, string>;

/** Tags of every resource of the cluster, set as defaults of the provider. */
export function clusterTags(config: ClusterConfig): Tags {
  const chosen = Object.entries(config.tags).map(([key, value]) => [key, terraformLiteral(value)]);
  return { ...Object.fromEntries(chosen), [tagKeys.cluster]: config.name };
}

/** Tags by which nodes and operators find a resource that plays a role in the cluster. */
export function roleTags(cluster: string, name: string, role: string): Tags {
  return { Name: `${cluster}-${name}`, [tagKeys.cluster]: cluster, [tagKeys.role]: role };
}
