import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, uninterrupted } from "../../operator/program.ts";
import { isLoopback, nameOf } from "../registry/reference.ts";
import type { Builder, BuildProps, PushProps } from "./builder.ts";
import { runBuild } from "./run-build.ts";

/** Buildah needs no daemon. @returns undefined where it is not installed. */
export async function findBuildah(): Promise<Builder | undefined> {
  const answer = await run("buildah", ["--version"]).catch(() => undefined);
  if (answer === undefined) return undefined;
  return { name: "buildah", version: `buildah ${/version (\S+)/.exec(answer)?.[1] ?? ""}`, build, push, remove };
}

async function build(props: BuildProps): Promise<string> {
  const { context, dockerfile, platforms, epochSec, folder } = props;
  const idFile = join(folder, "image-id");
  const list = `localhost/registry-cluster-build:${Date.now()}-${process.pid}`;
  const image = platforms.length > 1 ? ["--manifest", list, "--platform", platforms.join()] : ["--iidfile", idFile];
  if (platforms.length === 1) image.push("--platform", platforms.join());
  await runBuild(
    "buildah",
    [
      ...["build", "--format", "oci", "--file", dockerfile, ...image],
      // Layers and the image itself are dated so; nothing in it tells when or by what it was built.
      ...["--timestamp", String(epochSec), "--identity-label=false", "--layers", "--force-rm"],
      ...pairs("--label", props.labels),
      ...pairs("--build-arg", { SOURCE_DATE_EPOCH: String(epochSec), ...props.buildArgs }),
      context,
    ],
    props,
  );
  return platforms.length > 1 ? list : readFileSync(idFile, "utf8").trim();
}

async function push(image: string, { name, tag, login, caFile, folder }: PushProps): Promise<string> {
  const auth = { auths: login ? { [name.host]: { auth: Buffer.from(login).toString("base64") } } : {} };
  const authFile = join(folder, "login.json");
  writeFileSync(authFile, JSON.stringify(auth), { mode: 0o600 });
  const digestFile = join(folder, "digest");
  const list = image.includes("/") ? ["manifest", "push", "--all"] : ["push"];
  await run("buildah", [
    ...[...list, "--quiet", "--authfile", authFile, "--digestfile", digestFile, ...trust(caFile, folder)],
    ...(caFile === undefined && isLoopback(name) ? ["--tls-verify=false"] : []),
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
  const list = image.includes("/") ? ["manifest", "rm"] : ["rmi", "--force"];
  await run("buildah", [...list, image], uninterrupted);
}

const pairs = (option: string, values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`]);
