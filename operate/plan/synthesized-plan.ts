import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OperatorError } from "../../common/errors.ts";

/** A resource of the synthesized plan. */
export interface PlannedResource {
  /** Such as `aws_instance`. */
  readonly type: string;
  /** Such as `proxy-1`. */
  readonly name: string;
  /** `type.name`, as other resources refer to it. */
  readonly address: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A synthesized plan: the file that `terraform apply` reads. */
export interface Plan {
  /** The folder of the plan: paths in it are relative to it. */
  readonly folder: string;
  /** All resources, each after those that it refers to. */
  readonly resources: readonly PlannedResource[];
}

/** Attributes of resources, known once they exist: `aws_vpc.main` -> `{ id: "vpc-1" }`. */
export type Attributes = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Reads a `cdk.tf.json`. */
export function readPlan(path: string): Plan {
  const { resource } = JSON.parse(readFileSync(path, "utf8")) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
  };
  const resources = Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, properties]) => ({ type, name, address: `${type}.${name}`, properties })),
  );
  return { folder: dirname(path), resources: inOrderOfReference(resources) };
}

export function resourcesOf(plan: Plan, type: string): PlannedResource[] {
  return plan.resources.filter((resource) => resource.type === type);
}

/** A hash of the plan without the objects in its buckets: these may change while the machines stay. */
export function infrastructureHash(plan: Plan): string {
  const infrastructure = plan.resources.filter(({ type }) => type !== "aws_s3_object");
  return createHash("sha256").update(JSON.stringify(infrastructure)).digest("hex");
}

/** Path of a file that the plan names. */
export function planFile(plan: Plan, path: string): string {
  return path.startsWith("/") ? path : join(plan.folder, path);
}

/** No config causes these errors, only a change of the code. */
const teachLab = "return this attribute in lab/account/creators/";
const teachPlan = "remove one of these references from constructs/";

// `${aws_vpc.main.id}`. Our plans have no references to elements, such as `...[0].id`.
const reference = /(?<!\$)\$\{((?:data\.)?\w+\.[\w-]+)\.(\w+)\}/g;

/**
 * The value with every `${type.name.attribute}` filled in, and Terraform's escapes undone.
 *
 * @throws OperatorError for a reference to something unknown.
 */
export function resolve<T>(value: T, attributes: Attributes): T {
  if (typeof value === "string") {
    const filled = value.replaceAll(reference, (_text, address: string, attribute: string) => {
      const known = attributes.get(address)?.[attribute];
      if (known === undefined)
        throw new OperatorError(`the lab does not know '${attribute}' of ${address}`, { fix: teachLab });
      return known;
    });
    return filled.replaceAll("$${", "${").replaceAll("%%{", "%{") as T;
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, attributes)) as T;
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, attributes)])) as T;
  }
  return value;
}

function inOrderOfReference(resources: readonly PlannedResource[]): PlannedResource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const ordered = new Set<PlannedResource>();
  const visit = (resource: PlannedResource, path: readonly string[]) => {
    if (ordered.has(resource)) return;
    if (path.includes(resource.address))
      throw new OperatorError(`the plan has a circular reference: ${path.join(" -> ")}`, { fix: teachPlan });
    for (const address of referencesOf(resource)) {
      const target = byAddress.get(address);
      if (target && target !== resource) visit(target, [...path, resource.address]);
    }
    ordered.add(resource);
  };
  for (const resource of resources) visit(resource, []);
  return [...ordered];
}

function referencesOf(resource: PlannedResource): string[] {
  const { lifecycle: _, ...properties } = resource.properties;
  const text = JSON.stringify(properties);
  return [...text.matchAll(/(?<!\$)\$\{((?:data\.)?\w+\.[\w-]+)/g)].map((match) => match[1] as string);
}
