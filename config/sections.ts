import { z } from "zod";
import type { Duration } from "./duration.ts";
import type { ClusterConfig } from "./schema.ts";

/** Helpers for the schema: which of its parts are sections, and which values of a faulty file are usable. */

/** A config without its wrong and missing values, so that rules about the others can still be checked. */
export type PartialConfig = Parts<ClusterConfig>;

type Parts<Value> = Value extends Scalar | readonly unknown[]
  ? Value
  : { readonly [Key in keyof Value]?: Parts<Value[Key]> };

type Scalar = string | number | boolean | undefined | Duration;

/** @returns the section that a schema stands for, or undefined when it stands for a single value */
export function asSection(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return asSection(schema.unwrap());
  return undefined;
}

/** @returns the section that describes each entry of a record, or undefined for any other schema */
function asEntry(schema: unknown): z.ZodObject | undefined {
  return schema instanceof z.ZodRecord ? asSection(schema.valueType) : undefined;
}

/** @returns the schema of the section or setting at a path, or of the nearest one around it */
export function schemaAt(section: z.ZodObject, [key, ...rest]: readonly PropertyKey[]): z.ZodType {
  const schema = key === undefined ? undefined : section.shape[String(key)];
  if (!schema) return section;
  const entry = rest.length > 0 ? asEntry(schema) : undefined;
  const [inner, below] = entry ? [entry, rest.slice(1)] : [asSection(schema), rest];
  return inner ? schemaAt(inner, below) : (schema as z.ZodType);
}

/** @returns the default value as a user would write it, or undefined when there is none */
export function defaultOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}

/** @returns the path of every setting, such as `proxies.count` */
export function settingPaths(section: z.ZodObject, path = ""): string[] {
  return Object.entries(section.shape).flatMap(([key, schema]) => {
    const inner = asSection(schema);
    return inner ? settingPaths(inner, `${path}${key}.`) : [`${path}${key}`];
  });
}

/** Leaves out every known key without a value: `vrrp:` with all its lines commented out means its defaults. */
export function withoutEmptyKeys(section: z.ZodObject, data: unknown): unknown {
  if (!isMapping(data)) return data;
  const given = Object.entries(data).filter(([key, value]) => value !== null || !Object.hasOwn(section.shape, key));
  return Object.fromEntries(
    given.map(([key, value]) => {
      const inner = Object.hasOwn(section.shape, key) ? asSection(section.shape[key]) : undefined;
      return [key, inner ? withoutEmptyKeys(inner, value) : value];
    }),
  );
}

/** @returns the valid parts of `data`, with defaults filled in */
export function readableParts(section: z.ZodObject, data: unknown): PartialConfig {
  const given = isMapping(data) ? data : {};
  const parts = Object.entries(section.shape).map(([key, schema]) => {
    const inner = asSection(schema);
    if (inner && schema instanceof z.ZodOptional && given[key] === undefined) return [key, undefined];
    if (inner) return [key, readableParts(inner, given[key])];
    return [key, (schema as z.ZodType).safeParse(given[key]).data];
  });
  return Object.fromEntries(parts);
}

export function isMapping(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
