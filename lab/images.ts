import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";
import { cacheDir } from "../artifacts/cache.ts";
import type { Role } from "../config/topology.ts";
import { docker, dockerSucceeds } from "./docker.ts";
import { ensurePackages } from "./host-packages.ts";

/** Image of each kind of lab machine. */
export type LabImages = Readonly<Record<Role | "aws", string>>;

type Progress = (text: string) => void;

const root = join(import.meta.dirname, "..");
const repository = "registry-cluster-lab";

/**
 * Builds the images of the lab's machines, those that are not there yet. Each is named by a hash of all that goes into it, so
 * that a change of a package state bakes new images, and nothing else does.
 */
export async function ensureImages(files: ImageFiles, onProgress: Progress): Promise<LabImages> {
  const base = await ensureBase(files, onProgress);
  const node = (role: Role) => bake(base, role, [scriptOf("node"), ...packageStates()], [scriptOf("node"), role], files, onProgress);
  return {
    aws: await bake(base, "aws", [scriptOf("aws"), join(root, "lab/cloud"), files.s3Server], [scriptOf("aws")], files, onProgress),
    bastion: await node("bastion"),
    registry: await node("registry"),
    proxy: await node("proxy"),
  };
}

/** What goes into the images from outside of the checkout. */
export interface ImageFiles {
  /** Certificate of the authority that the lab's machines trust for AWS's host names. */
  readonly caCertificate: string;
  /** The S3 server. */
  readonly s3Server: string;
}

const scriptOf = (name: "base" | "aws" | "node") => join(root, "lab", "images", `${name}.sh`);

/** All that decides which packages a role has. */
function packageStates(): string[] {
  const salt = join(root, "salt");
  const deciding = /package\.sls$|^(bake\.sls|components\.jinja|minion|requirements\.txt)$/;
  const states = readdirSync(salt, { recursive: true, encoding: "utf8" }).filter((name) => deciding.test(name));
  return [...states.map((name) => join(salt, name)), join(root, "bundle", "apply")];
}

async function ensureBase(files: ImageFiles, onProgress: Progress): Promise<string> {
  const tag = `${repository}/base:${hashOf([...baseFiles(), files.caCertificate])}`;
  if (await exists(tag)) return tag;
  const debian = await ensureDebian(onProgress);
  return runAndCommit(debian, tag, [scriptOf("base")], files, onProgress);
}

const baseFiles = () => [scriptOf("base"), ...["lab-init", "lab-user-data", "lab-user-data.service"].map((name) => join(root, "lab", "images", name))];

/** Debian itself: pulled where a hub can be reached, else made from Debian's packages. */
async function ensureDebian(onProgress: Progress): Promise<string> {
  const official = "debian:bookworm-slim";
  const own = `${repository}/debian:bookworm`;
  for (const tag of [official, own]) if (await exists(tag)) return tag;
  onProgress(`pulling ${official}`);
  const { exitCode } = await execa("docker", ["pull", "--quiet", official], { reject: false, timeout: 120_000 });
  if (exitCode === 0) return official;
  onProgress("no hub can be reached: making Debian from its packages");
  await ensurePackages({ mmdebstrap: "mmdebstrap" }, onProgress);
  const system = execa("mmdebstrap", ["--variant=minbase", "--include=ca-certificates", "bookworm", "-"], {
    encoding: "buffer",
    buffer: { stdout: false },
  });
  await system.pipe("docker", ["import", "-", own]);
  return own;
}

async function bake(
  base: string,
  name: string,
  inputs: readonly string[],
  command: readonly string[],
  files: ImageFiles,
  onProgress: Progress,
): Promise<string> {
  const tag = `${repository}/${name}:${hashOf(inputs, base)}`;
  if (await exists(tag)) return tag;
  return runAndCommit(base, tag, command, files, onProgress);
}

/** Runs a script of ours in a container that has the host's network, and keeps the result as an image. */
async function runAndCommit(
  from: string,
  tag: string,
  command: readonly string[],
  files: ImageFiles,
  onProgress: Progress,
): Promise<string> {
  onProgress(`baking ${tag}`);
  const container = `registry-cluster-lab-bake-${process.pid}`;
  await docker(["rm", "--force", container]).catch(() => "");
  try {
    await docker([
      ...["run", "--name", container, "--network", "host", "--volume", `${root}:/bake:ro`],
      ...["--volume", `${files.caCertificate}:/run/lab-ca.crt:ro`, "--volume", `${files.s3Server}:/run/versitygw:ro`],
      ...["--volume", `${join(cacheDir(), "pip")}:/root/.cache/pip`],
      ...hostTrust(),
      ...["--entrypoint", "bash", from, ...command.map((word) => word.replace(root, "/bake"))],
    ]);
    await docker(["commit", container, tag]);
  } finally {
    await docker(["rm", "--force", "--volumes", container]).catch(() => "");
  }
  return tag;
}

/**
 * Package managers behind a company's proxy need the host's way out and its trust; the machines that boot later must not
 * inherit either, so both are given to the one run and not to the image.
 */
function hostTrust(): string[] {
  const passed = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL"];
  const bundle = process.env.SSL_CERT_FILE ?? process.env.PIP_CERT;
  return [
    ...passed.filter((name) => process.env[name]).flatMap((name) => ["--env", name]),
    ...(bundle && existsSync(bundle) ? ["--volume", `${bundle}:/run/host-ca.pem:ro`, "--env", "PIP_CERT=/run/host-ca.pem"] : []),
  ];
}

const exists = (tag: string) => dockerSucceeds(["image", "inspect", tag]);

/** A short hash of files and folders, names and contents. */
function hashOf(paths: readonly string[], salt = ""): string {
  const hash = createHash("sha256").update(salt);
  for (const path of paths.flatMap(filesBelow).sort()) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => !statSync(name).isDirectory() && !name.includes("__pycache__"));
}
