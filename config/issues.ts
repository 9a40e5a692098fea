import type { z } from "zod";
import { didYouMean } from "../common/did-you-mean.ts";
import type { ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { joinPath, pathText } from "./paths.ts";
import { asSection, defaultOf, isMapping, schemaAt, settingPaths } from "./sections.ts";

/** Translates what zod has found wrong in `data` into the user's terms. */
export function faultsOfIssues(issues: readonly z.core.$ZodIssue[], data: unknown, whole: z.ZodObject): ConfigFault[] {
  const faults = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? unknownKeys(issue, whole) : [faultOfIssue(issue, data, whole)],
  );
  // One wrong value can fail several checks with the same message.
  const byText = new Map(faults.map((fault) => [`${fault.path} ${fault.allowed}`, fault]));
  return [...byText.values()];
}

function faultOfIssue(
  issue: Exclude<z.core.$ZodIssue, z.core.$ZodIssueUnrecognizedKeys>,
  data: unknown,
  whole: z.ZodObject,
): ConfigFault {
  const path = pathText(issue.path);
  const value = valueAt(data, issue.path);
  const schema = schemaAt(whole, issue.path);
  const section = asSection(schema);

  if (section && value === undefined) return fault.sectionMissing(path, Object.keys(section.shape));
  if (section) return fault.notSection(path, value, Object.keys(section.shape));
  if (value === undefined) return fault.missing(path, issue.message, schema.description ?? "");
  if (issue.code === "invalid_key") return fault.wrongValue(path, issue.path.at(-1), issue.issues[0]!.message);
  if (String(value).includes("PRIVATE KEY")) return fault.privateKey(path);
  if (issue.code === "invalid_type" && issue.expected === "string") return fault.notText(path, value, issue.message);
  return fault.wrongValue(path, value, issue.message, fixOfIssue(issue, schema));
}

/** A check may know the fix itself. Otherwise the default, if there is one, is always right. */
function fixOfIssue(issue: z.core.$ZodIssue, schema: z.ZodType): string | undefined {
  if (issue.code === "custom" && issue.params?.fix) return String(issue.params.fix);
  const byDefault = defaultOf(schema);
  if (byDefault === undefined) return undefined;
  return `give an allowed value, or remove the key for the default, ${JSON.stringify(byDefault)}`;
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, whole: z.ZodObject): ConfigFault[] {
  const known = Object.keys(asSection(schemaAt(whole, issue.path))!.shape);
  const section = pathText(issue.path);
  const all = settingPaths(whole);
  return issue.keys
    .filter((key) => key !== "__proto__") // reported with the document
    .map((key) => fault.unknownKey(joinPath(section, key), known, meantBy(key, section, known, all)));
}

/** @returns the path of the known key that is nearest to `key`: one of the same section, or the same key elsewhere */
function meantBy(key: string, section: string, known: readonly string[], all: readonly string[]): string | undefined {
  const meant = didYouMean(key, known);
  if (meant !== undefined) return joinPath(section, meant);
  return all.find((path) => path.endsWith(`.${key}`) || path === key);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isMapping(value) ? value[String(key)] : undefined;
  }, data);
}
