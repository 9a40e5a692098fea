import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir } from "../../artifacts/cache.ts";
import { checkout } from "../../common/checkout.ts";
import { ensurePackages } from "../../common/host-packages.ts";
import { interrupted } from "../../common/interrupt.ts";
import { programFailure, uninterrupted } from "../../common/program.ts";
import type { Role } from "../../topology/roles.ts";
import { docker, dockerSucceeds } from "./docker.ts";
import { type ImageFiles, imageRepository, imageTags } from "./image-tags.ts";

/** Image of each kind of lab machine. */
export type LabImages = Readonly<Record<Role | "aws", string>>;

type Progress = (text: string) => void;

/** Builds missing images of the lab's machines. @param roles of the machines to boot */
export async function ensureImages(
  files: ImageFiles,
  roles: readonly Role[],
  onProgress: Progress,
): Promise<LabImages> {
  const tags = imageTags(checkout, files);
  await ensureAws(tags, files, onProgress);
  await ensure(tags.node, async () => tags.base, ["node.sh", "node"], files, onProgress);
  for (const role of roles) {
    await ensure(tags[role], async () => tags.node, ["node.sh", role], files, onProgress);
  }
  return tags;
}

/** Builds only the image of the AWS machine. @returns its tag. */
export async function ensureAwsImage(files: ImageFiles, onProgress: Progress): Promise<string> {
  const tags = imageTags(checkout, files);
  await ensureAws(tags, files, onProgress);
  return tags.aws;
}

async function ensureAws(
  { base, aws }: { readonly base: string; readonly aws: string },
  files: ImageFiles,
  onProgress: Progress,
): Promise<void> {
  await ensure(base, () => ensureDebian(onProgress), ["base.sh"], files, onProgress);
  await ensure(aws, async () => base, ["aws.sh"], files, onProgress);
}

async function ensure(
  tag: string,
  parent: () => Promise<string>,
  command: readonly string[],
  files: ImageFiles,
  onProgress: Progress,
): Promise<void> {
  if (!(await exists(tag))) await runAndCommit(await parent(), tag, command, files, onProgress);
}

/** Debian itself: pulled if Docker Hub can be reached, else built from Debian's packages. */
async function ensureDebian(onProgress: Progress): Promise<string> {
  const official = "debian:bookworm-slim";
  const own = `${imageRepository}/debian:bookworm`;
  for (const tag of [official, own]) if (await exists(tag)) return tag;
  onProgress(`pulling ${official}`);
  if (await dockerSucceeds(["pull", "--quiet", official], { timeout: 120_000 })) return official;
  onProgress("Docker Hub cannot be reached: building Debian from its packages");
  await ensurePackages({ mmdebstrap: "mmdebstrap" }, onProgress);
  const system = execa("mmdebstrap", ["--variant=minbase", "--include=ca-certificates", "bookworm", "-"], {
    encoding: "buffer",
    buffer: { stdout: false },
    cancelSignal: interrupted,
  });
  try {
    await system.pipe("docker", ["import", "-", own], { cancelSignal: interrupted });
  } catch (error) {
    throw programFailure("making Debian with mmdebstrap", error);
  }
  return own;
}

/** Runs a script of `scripts` in a container with the host's network, and commits the result as an image. */
async function runAndCommit(
  from: string,
  tag: string,
  [script, ...args]: readonly string[],
  files: ImageFiles,
  onProgress: Progress,
): Promise<void> {
  onProgress(`baking ${tag}`);
  const container = `registry-cluster-lab-bake-${process.pid}`;
  await docker(["rm", "--force", container]).catch(() => "");
  try {
    await docker([
      ...["run", "--name", container, "--network", "host", "--volume", `${checkout}:/bake:ro`],
      ...["--volume", `${files.caCertificate}:/run/lab-ca.crt:ro`, "--volume", `${files.s3Server}:/run/versitygw:ro`],
      ...["--volume", `${join(cacheDir(), "pip")}:/root/.cache/pip`],
      ...hostTrust(),
      ...["--entrypoint", "bash", from, `/bake/machines/docker/scripts/${script}`, ...args],
    ]);
    await docker(["commit", container, tag]);
  } finally {
    await docker(["rm", "--force", "--volumes", container], uninterrupted).catch(() => "");
  }
}

/**
 * Behind a company's proxy, package managers need the host's proxy settings and CAs. Machines that boot later must not inherit
 * them, so they are given to this run only, not to the image.
 */
function hostTrust(): string[] {
  const passed = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL"];
  const bundle = process.env.SSL_CERT_FILE ?? process.env.PIP_CERT;
  return [
    ...passed.filter((name) => process.env[name]).flatMap((name) => ["--env", name]),
    ...(bundle && existsSync(bundle)
      ? ["--volume", `${bundle}:/run/host-ca.pem:ro`, "--env", "PIP_CERT=/run/host-ca.pem"]
      : []),
  ];
}

const exists = (tag: string) => dockerSucceeds(["image", "inspect", tag]);
