#!/usr/bin/env node
// Finds anything in a synthesized plan that could do more than plan: a pull request's code wrote it, and Terraform reads it with a
// role. Has no dependencies, because the jobs with a role install none.
//   node operate/review/plan-form.js FILE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What each block may have: anything else could run a program, read the runner's files or contact another host. */
const allowed = {
  "": ["//", "data", "output", "provider", "resource", "terraform"],
  terraform: ["backend", "required_providers", "required_version"],
  "terraform.backend": ["local", "s3"],
  "terraform.backend.local": ["path"],
  "terraform.backend.s3": ["bucket", "encrypt", "key", "kms_key_id", "region", "use_lockfile"],
  "terraform.required_providers": ["aws"],
  provider: ["aws"],
  "provider.aws": ["default_tags", "region"],
  data: ["aws_caller_identity", "aws_partition"],
};
/** What a resource may not have: these run programs when it is created. */
const neverInResources = ["connection", "provider", "provisioner"];

/** A reference to another resource; never a function, such as one that reads a file. */
const reference = /^\$\{(data\.)?aws_\w+\.[\w-]+\.\w+\}$/;

/**
 * @param {unknown} plan - what is in `cdk.tf.json`
 * @returns {string[]} what is not allowed, with its place
 */
export function problemsOf(plan) {
  return [...blockProblems(plan, ""), ...resourceProblems(plan), ...textProblems(plan, "")];
}

function blockProblems(block, path) {
  const keys = allowed[path];
  if (keys === undefined) return [];
  if (Array.isArray(block)) return block.flatMap((item) => blockProblems(item, path));
  if (!isBlock(block)) return [`${path || "the plan"}: not a block`];
  return Object.entries(block).flatMap(([key, value]) => {
    const inner = path ? `${path}.${key}` : key;
    return keys.includes(key) ? blockProblems(value, inner) : [`${inner}: not allowed`];
  });
}

function resourceProblems(plan) {
  if (!isBlock(plan)) return [];
  return ["resource", "data"].flatMap((kind) =>
    Object.entries(plan[kind] ?? {}).flatMap(([type, named]) => [
      ...(type.startsWith("aws_") ? [] : [`${kind}.${type}: not allowed`]),
      ...Object.entries(named ?? {}).flatMap(([name, properties]) =>
        [properties]
          .flat()
          .flatMap((body) => Object.keys(body ?? {}))
          .filter((key) => neverInResources.includes(key))
          .map((key) => `${kind}.${type}.${name}.${key}: not allowed`),
      ),
    ]),
  );
}

function textProblems(value, path) {
  if (typeof value === "string") return isPlain(value) ? [] : [`${path}: has an expression that is not a reference`];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(isPlain(key) ? [] : [`${path}: has an expression in a name`]),
    ...textProblems(inner, path ? `${path}.${key}` : key),
  ]);
}

/** Terraform's own escapes of `${` and `%{` are text. */
function isPlain(text) {
  const templates = text.replaceAll(/\$\$\{|%%\{/g, "").match(/\$\{[^}]*\}?|%\{/g) ?? [];
  return templates.every((template) => reference.test(template));
}

function isBlock(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file] = process.argv.slice(2);
  const problems = problemsOf(JSON.parse(readFileSync(file, "utf8")));
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) {
    console.error("  mend: plan without it, or deploy such a change by hand");
    process.exit(1);
  }
}
