import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { type Role, roleNames } from "../../topology/roles.ts";

/** Files from outside of the checkout that go into the images. */
export interface ImageFiles {
  /** Certificate of the CA that the lab's machines trust for AWS's host names. */
  readonly caCertificate: string;
  /** The S3 server. */
  readonly s3Server: string;
}

export const imageRepository = "registry-cluster-lab";

/**
 * The tag of each image: a hash of everything that goes into it, so that only a change of that, such as of a package state, bakes
 * new images.
 */
export function imageTags(
  checkout: string,
  files: ImageFiles,
): Readonly<Record<Role | "aws" | "base" | "node", string>> {
  const image = (name: string) => join(checkout, "machines", "docker", "scripts", name);
  const tag = (name: string, inputs: readonly string[], from = "") =>
    `${imageRepository}/${name}:${hashOf(checkout, inputs, from)}`;

  const boot = ["lab-init", "lab-user-data", "lab-user-data.service"].map(image);
  const base = tag("base", [image("base.sh"), ...boot, files.caCertificate]);
  const node = tag("node", [image("node.sh"), ...packageStates(checkout)], base);
  const nodes = Object.fromEntries(roleNames.map((role) => [role, tag(role, [], node)])) as Record<Role, string>;
  return {
    base,
    node,
    aws: tag("aws", [image("aws.sh"), join(checkout, "lab/cloud"), files.s3Server], base),
    ...nodes,
  };
}

/** The files that decide which packages a role has. */
function packageStates(checkout: string): string[] {
  const salt = join(checkout, "salt");
  const deciding = /(package\.sls|requirements\.txt)$|^(bake\.sls|components\.jinja|minion)$/;
  const states = readdirSync(salt, { recursive: true, encoding: "utf8" }).filter((name) => deciding.test(name));
  return [...states.map((name) => join(salt, name)), join(checkout, "bundle", "apply")];
}

/** A short hash of files and folders, names and contents. */
function hashOf(checkout: string, paths: readonly string[], from: string): string {
  const hash = createHash("sha256").update(from);
  for (const path of paths.flatMap(filesBelow).sort()) hash.update(nameOf(checkout, path)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}

/** A path in the checkout; for a file elsewhere only its name, so that all checkouts on a machine share the images. */
function nameOf(checkout: string, path: string): string {
  const inside = relative(checkout, path);
  return inside.startsWith("..") ? basename(path) : inside;
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => !statSync(name).isDirectory() && !name.includes("__pycache__"));
}
