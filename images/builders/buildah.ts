import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../../operator/errors.ts";
import { run } from "../../operator/program.ts";
import { withRetries } from "../../operator/retries.ts";
import { secretOptions } from "../build-secrets.ts";
import { isLoopback } from "../loopback.ts";
import { registryRetries } from "../registry/client.ts";
import { writeLogin } from "../registry/login.ts";
import { nameOf } from "../registry/reference.ts";
import { fixForStatus, isPassing, statusIn } from "../registry/refusals.ts";
import type { Builder, BuildProps, PushProps } from "./builder.ts";
import { formatFor, type ImageFormat, refuseHereDocuments } from "./dockerfile-needs.ts";
import { pairs } from "./pairs.ts";
import { forPeople, runBuild } from "./run-build.ts";

/** The name of an image for several platforms in its build's store. An image for one has an id. */
const listName = "localhost/registry-cluster-build:all-platforms";

/** Buildah needs no daemon. @returns undefined where it is not installed. */
export async function findBuildah(): Promise<Builder | undefined> {
  const answer = await run("buildah", ["--version"]).catch(() => undefined);
  if (answer === undefined) return undefined;
  const version = `buildah ${/version (\S+)/.exec(answer)?.[1] ?? ""}`;
  const setup = await setupOf();
  return {
    version,
    attests: false,
    build: (props) => {
      const dockerfile = readFileSync(props.dockerfile, "utf8");
      refuseHereDocuments(dockerfile, version);
      return build(setup, props, formatFor(dockerfile));
    },
    push: (image, props) => push(setup, image, props),
  };
}

/** How buildah works for its user. */
interface Setup {
  /** How it keeps files of images. */
  readonly driver: string;
  /** Where it keeps the images of its user. */
  readonly root: string;
  /** Whether a build is to have a mount namespace of its own: what it mounts then ends with it, however it ends. */
  readonly ownMounts: boolean;
}

async function setupOf(): Promise<Setup> {
  const { store } = JSON.parse(await run("buildah", ["info"]));
  return { driver: store.GraphDriverName, root: store.GraphRoot, ownMounts: await canHaveOwnMounts() };
}

/** For other users than root, buildah does so itself. In some containers root may not. */
const canHaveOwnMounts = async () =>
  process.getuid?.() === 0 &&
  (await run("unshare", ["--mount", "true"]).then(
    () => true,
    () => false,
  ));

/**
 * A store of the build's own, and in it the folders of `RUN --mount=type=cache`: builds that share one remove layers from each
 * other, and buildah takes layers of other commits for its own. Base images that the user has are read where they are.
 */
function storeIn(folder: string, { driver, root }: Setup): string[] {
  return [
    ...["--root", join(folder, "store"), "--runroot", join(folder, "store-run"), "--storage-driver", driver],
    ...["--storage-opt", `${driver}.imagestore=${root}`],
    // Nothing is left mounted, so that the folder can be removed.
    ...(driver === "overlay" ? ["--storage-opt", "overlay.skip_mount_home=true"] : []),
  ];
}

/** Where buildah keeps the folders of `RUN --mount=type=cache`. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const TMPDIR = join(folder, "buildah-tmp");
  mkdirSync(TMPDIR, { recursive: true });
  return { TMPDIR };
}

async function build(setup: Setup, props: BuildProps, format: ImageFormat): Promise<string> {
  const { folder, keptAs, platforms } = props;
  const isForSeveral = platforms.length > 1;
  // A list of images can be pushed to a registry only. One that stays is made where it stays.
  if (isForSeveral && keptAs !== undefined) {
    await runBuildah(setup, [], ["--manifest", keptAs], props, format);
    return keptAs;
  }
  const store = storeIn(folder, setup);
  if (isForSeveral) {
    await runBuildah(setup, store, ["--manifest", listName], props, format);
    return listName;
  }
  const idFile = join(folder, "image-id");
  await runBuildah(setup, store, ["--iidfile", idFile], props, format);
  const id = readFileSync(idFile, "utf8").trim();
  if (keptAs === undefined) return id;
  await keep(store, id, keptAs, folder);
  return keptAs;
}

/** Puts an image of a build's store among those of the user. By way of a file: the store reads those of the user only. */
async function keep(store: readonly string[], id: string, name: string, folder: string): Promise<void> {
  const archive = `oci-archive:${join(folder, "kept")}`;
  const env = environmentIn(folder);
  await run("buildah", ["push", ...store, "--quiet", id, `${archive}:${name}`], { env });
  await run("buildah", ["pull", "--quiet", archive], { env });
}

function runBuildah(
  { ownMounts }: Setup,
  store: readonly string[],
  image: readonly string[],
  props: BuildProps,
  format: ImageFormat,
): Promise<void> {
  const { context, dockerfile, platforms, epochSec, folder } = props;
  const [program, ...before] = ownMounts ? ["unshare", "--mount", "buildah"] : ["buildah"];
  return runBuild(
    program as string,
    [
      ...[...before, "build", ...store, "--format", format, "--file", dockerfile, ...image],
      // A layer for each step, and none that an earlier build has made.
      ...["--layers", "--no-cache", "--force-rm"],
      ...(platforms.length > 0 ? ["--platform", platforms.join()] : []),
      // Layers and the image itself are dated so; nothing in it tells when or by what it was built.
      ...["--timestamp", String(epochSec), "--identity-label=false"],
      ...pairs("--label", props.labels),
      ...secretOptions(props.secrets),
      ...pairs("--build-arg", props.buildArgs),
      context,
    ],
    { ...props, env: environmentIn(folder) },
  );
}

async function push(setup: Setup, image: string, { name, tag, login, caFile, folder }: PushProps): Promise<string> {
  const authFile = join(folder, "login.json");
  writeLogin(authFile, name.host, login);
  const digestFile = join(folder, "digest");
  const push = image === listName ? ["manifest", "push", "--all"] : ["push"];
  const args = [
    ...[...push, ...storeIn(folder, setup), "--quiet", "--authfile", authFile, "--digestfile", digestFile],
    ...trust(caFile, folder),
    ...(caFile === undefined && isLoopback(name.host) ? ["--tls-verify=false"] : []),
    ...[image, `docker://${nameOf(name)}:${tag}`],
  ];
  const options = { env: environmentIn(folder) };
  const attempt = () => run("buildah", args, options, { totalMs: longestPushMs });
  await withRetries(attempt, pauseAfter, registryRetries).catch((error: unknown) => {
    throw pushFailure(`${nameOf(name)}:${tag}`, name.host, error);
  });
  return readFileSync(digestFile, "utf8").trim();
}

/** As long as a build may take. */
const longestPushMs = 6 * 3_600_000;

/** Whatever is no refusal: the registry has been asked before, so it is there, and a connection can break in many words. */
function pauseAfter(error: unknown): number | undefined {
  if (!(error instanceof OperatorError)) return undefined;
  const words = error.details.cause ?? "";
  return isPassing(statusIn(words) ?? 500) && !/x509|certificate|not known|invalid/i.test(words) ? 0 : undefined;
}

function pushFailure(place: string, host: string, error: unknown): unknown {
  if (!(error instanceof OperatorError)) return error;
  const { cause = "", fix } = error.details;
  const status = statusIn(cause);
  return new OperatorError(`cannot push to ${place}`, {
    cause: forPeople(cause.split(/\n\s*/)).join("\n        "),
    fix: status === undefined ? fix : fixForStatus(status, host),
  });
}

/** Buildah takes a folder of certificates. */
function trust(caFile: string | undefined, folder: string): string[] {
  if (caFile === undefined) return [];
  const certificates = join(folder, "certificates");
  mkdirSync(certificates, { recursive: true });
  copyFileSync(caFile, join(certificates, "ca.crt"));
  return ["--cert-dir", certificates];
}
