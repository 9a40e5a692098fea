import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, uninterrupted } from "../../operator/program.ts";
import { secretOptions } from "../build-secrets.ts";
import { isLoopback } from "../loopback.ts";
import { writeLogin } from "../registry/login.ts";
import { nameOf } from "../registry/reference.ts";
import type { Builder, BuildProps, PushProps } from "./builder.ts";
import { pairs } from "./pairs.ts";
import { runBuild } from "./run-build.ts";

/** Buildah needs no daemon. @returns undefined where it is not installed. */
export async function findBuildah(): Promise<Builder | undefined> {
  const answer = await run("buildah", ["--version"]).catch(() => undefined);
  if (answer === undefined) return undefined;
  const version = `buildah ${/version (\S+)/.exec(answer)?.[1] ?? ""}`;
  return { version, attests: false, build, push, remove };
}

async function build(props: BuildProps): Promise<string> {
  const { context, dockerfile, platforms, epochSec, folder } = props;
  const idFile = join(folder, "image-id");
  const list = `localhost/registry-cluster-build:${Date.now()}-${process.pid}`;
  const isForSeveral = platforms.length > 1;
  const image = isForSeveral ? ["--manifest", list] : ["--iidfile", idFile];
  // buildah 1.28 does not tell cached layers of one platform from those of another.
  const platform = platforms.length > 0 ? ["--platform", platforms.join(), "--no-cache"] : ["--layers"];
  await runBuild(
    "buildah",
    [
      ...["build", "--format", "oci", "--file", dockerfile, ...image, ...platform],
      // Layers and the image itself are dated so; nothing in it tells when or by what it was built.
      ...["--timestamp", String(epochSec), "--identity-label=false", "--force-rm"],
      ...pairs("--label", props.labels),
      ...secretOptions(props.secrets),
      ...pairs("--build-arg", { SOURCE_DATE_EPOCH: String(epochSec), ...props.buildArgs }),
      context,
    ],
    props,
  );
  return isForSeveral ? list : readFileSync(idFile, "utf8").trim();
}

async function push(image: string, { name, tag, login, caFile, folder }: PushProps): Promise<string> {
  const authFile = join(folder, "login.json");
  writeLogin(authFile, name.host, login);
  const digestFile = join(folder, "digest");
  const push = isList(image) ? ["manifest", "push", "--all"] : ["push"];
  await run("buildah", [
    ...[...push, "--quiet", "--authfile", authFile, "--digestfile", digestFile, ...trust(caFile, folder)],
    ...(caFile === undefined && isLoopback(name.host) ? ["--tls-verify=false"] : []),
    ...[image, `docker://${nameOf(name)}:${tag}`],
  ]);
  return readFileSync(digestFile, "utf8").trim();
}

/** Buildah takes a folder of certificates. */
function trust(caFile: string | undefined, folder: string): string[] {
  if (caFile === undefined) return [];
  const certificates = join(folder, "certificates");
  mkdirSync(certificates, { recursive: true });
  copyFileSync(caFile, join(certificates, "ca.crt"));
  return ["--cert-dir", certificates];
}

async function remove(image: string): Promise<void> {
  const remove = isList(image) ? ["manifest", "rm"] : ["rmi", "--force"];
  await run("buildah", [...remove, image], uninterrupted);
}

/** Of images for several platforms. It has a name, and an image by itself only an id. */
const isList = (image: string) => image.includes("/");
