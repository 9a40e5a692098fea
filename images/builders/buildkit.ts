import { join } from "node:path";
import { run } from "../../common/program.ts";
import { secretOptions } from "../build-secrets.ts";
import type { Builder, BuildProps } from "./builder.ts";
import { pushLayout, toLayout } from "./layout.ts";
import { pairs } from "./pairs.ts";
import { runBuild } from "./run-build.ts";

/**
 * BuildKit through Docker's buildx: the builder that buildx has selected.
 *
 * @returns undefined if none is running, or if it has Docker's old image store, which cannot export a whole image
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

/** @returns the folder of an OCI image layout, or the image's name in Docker. */
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
        // BuildKit keeps the layers of different contexts apart, but not the folders of `--mount=type=cache`.
        BUILDKIT_CACHE_MOUNT_NS: props.cacheScope,
        ...props.buildArgs,
      }),
      context,
    ],
    props,
  );
  return keptAs ?? layout;
}
