import { z } from "zod";
import { clusterSchema } from "./schema.ts";

/** The part of a JSON schema that the table shows. */
interface SettingSchema {
  readonly description?: string;
  readonly allowed?: string;
  readonly default?: unknown;
  readonly byDefault?: string;
  /** Present on sections only: settings whose keys the user chooses, such as tags, have none. */
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}

/** @returns a Markdown table of every setting of the cluster config, for docs/settings.md */
export function configTable(): string {
  const schema = z.toJSONSchema(clusterSchema, { io: "input" }) as SettingSchema;
  return ["| Setting | Meaning | Allowed | Default |", "| --- | --- | --- | --- |", ...rows(schema)].join("\n");
}

function rows(section: SettingSchema, path = ""): string[] {
  return Object.entries(section.properties ?? {}).flatMap(([key, schema]) =>
    schema.properties ? rows(schema, `${path}${key}.`) : [row(`${path}${key}`, schema)],
  );
}

function row(path: string, schema: SettingSchema): string {
  const cells = [`\`${path}\``, schema.description, schema.allowed, defaultText(schema)];
  return `| ${cells.map((cell) => (cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultText(schema: SettingSchema): string {
  if (schema.byDefault) return schema.byDefault;
  if (schema.default === undefined) return "required";
  return typeof schema.default === "object" ? "none" : `\`${schema.default}\``;
}
