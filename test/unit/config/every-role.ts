import { z } from "zod";
import { type ClusterConfig, clusterSchema } from "../../../config/schema.ts";
import { schemaAt } from "../../../config/sections.ts";
import { type Role, roleNames, roles } from "../../../topology/roles.ts";

/** What decides how many nodes a role has. */
interface Size {
  readonly enabled?: boolean;
  readonly count?: number;
}

/** A config, or the data of its file, with nodes of every role: also of those that are not there by default. */
export const withEveryRole = <Config extends object>(config: Config): Config =>
  resized(config, (_role, { count }) => count || 1);

/** A config with as many nodes of every role as the schema allows. */
export const withMostNodes = (config: ClusterConfig): ClusterConfig => resized(config, mostNodes);

function resized<Config extends object>(config: Config, countOf: (role: Role, size: Size) => number): Config {
  const sections = roleNames.map((role) => {
    const section = (config as Record<string, Size>)[roles[role].section] ?? {};
    const enabled = section.enabled === undefined ? {} : { enabled: true };
    const count = section.count === undefined ? {} : { count: countOf(role, section) };
    return [roles[role].section, { ...section, ...enabled, ...count }];
  });
  return { ...config, ...Object.fromEntries(sections) };
}

function mostNodes(role: Role): number {
  const schema = schemaAt(clusterSchema, [roles[role].section, "count"]);
  return Number(z.toJSONSchema(schema, { io: "input" }).maximum);
}
