import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../operator/program.ts";
import { secretOptions } from "../build-secrets.ts";
import { Registry } from "../registry/client.ts";
import { uploadLayout } from "../registry/upload.ts";
import type { Builder, BuildProps, PushProps } from "./builder.ts";
import { pairs } from "./pairs.ts";
import { runBuild } from "./run-build.ts";

/**
 * BuildKit, by Docker's buildx: the builder that is in use there.
 *
 * @returns undefined where there is none that runs, or where it is Docker's own old store, which cannot give an image away whole
 */
export async function findBuildkit(): Promise<Builder | undefined> {
  const inspected = await run("docker", ["buildx", "inspect"]).catch(() => "");
  const value = (key: string) => new RegExp(`^${key}:\\s+(.+)$`, "m").exec(inspected)?.[1];
  if (value("Status") !== "running") return undefined;
  if (value("Driver") === "docker" && !(await hasContainerdStore())) return undefined;
  const version = `BuildKit ${value("BuildKit version") ?? ""}, buildx builder ${value("Name")}`;
  return { version, attests: true, build, push, remove };
}

async function hasContainerdStore(): Promise<boolean> {
  const status = await run("docker", ["info", "--format", "{{json .DriverStatus}}"]).catch(() => "");
  return status.includes("io.containerd.snapshotter");
}

/** @returns the folder of an OCI image layout, or what Docker calls the image. */
async function build(props: BuildProps): Promise<string> {
  const { context, dockerfile, platforms, epochSec, folder, provenance, sbom, keptAs } = props;
  const layout = join(folder, "layout");
  const toLayout = ["--output", `type=oci,dest=${layout},tar=false,rewrite-timestamp=true`];
  await runBuild(
    "docker",
    [
      ...["buildx", "build", "--progress", "plain", "--file", dockerfile],
      ...(keptAs === undefined ? toLayout : ["--load", "--tag", keptAs]),
      ...[`--provenance=${provenance ? "mode=max" : "false"}`, `--sbom=${sbom}`],
      ...(platforms.length > 0 ? ["--platform", platforms.join()] : []),
      ...pairs("--label", props.labels),
      ...secretOptions(props.secrets),
      ...pairs("--build-arg", { SOURCE_DATE_EPOCH: String(epochSec), ...props.buildArgs }),
      context,
    ],
    props,
  );
  return keptAs ?? layout;
}

/** By our own client: what BuildKit trusts is set where it runs, which may be anywhere. */
async function push(layout: string, { name, tag, login, caFile }: PushProps): Promise<string> {
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  const registry = new Registry({ name, login, caFile });
  try {
    await uploadLayout(registry, layout, manifests[0], tag);
  } finally {
    registry.close();
  }
  return manifests[0].digest;
}

const remove = (layout: string) => rm(layout, { recursive: true, force: true });
