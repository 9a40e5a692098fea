import { join } from "node:path";
import { run } from "../../common/program.ts";
import { secretOptions } from "../build-secrets.ts";
import type { Builder, BuildProps } from "./builder.ts";
import { pushLayout, toLayout } from "./layout.ts";
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
  return { version, attests: true, build, push: pushLayout };
}

async function hasContainerdStore(): Promise<boolean> {
  const status = await run("docker", ["info", "--format", "{{json .DriverStatus}}"]).catch(() => "");
  return status.includes("io.containerd.snapshotter");
}

/** @returns the folder of an OCI image layout, or what Docker calls the image. */
async function build(props: BuildProps): Promise<string> {
  const { context, dockerfile, platforms, folder, provenance, sbom, keptAs } = props;
  const layout = join(folder, "layout");
  await runBuild(
    "docker",
    [
      ...["buildx", "build", "--progress", "plain", "--file", dockerfile],
      ...(keptAs === undefined ? toLayout(layout) : ["--load", "--tag", keptAs]),
      ...[`--provenance=${provenance ? "mode=max" : "false"}`, `--sbom=${sbom}`],
      ...(platforms.length > 0 ? ["--platform", platforms.join()] : []),
      ...pairs("--label", props.labels),
      ...secretOptions(props.secrets),
      ...pairs("--build-arg", {
        // BuildKit tells layers of one context from those of another, but not what lies in the folders of `--mount=type=cache`.
        BUILDKIT_CACHE_MOUNT_NS: props.cacheScope,
        ...props.buildArgs,
      }),
      context,
    ],
    props,
  );
  return keptAs ?? layout;
}
