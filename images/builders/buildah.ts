import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../../common/errors.ts";
import { isLoopback } from "../../common/loopback.ts";
import { run } from "../../common/program.ts";
import { withRetries } from "../../common/retries.ts";
import { nameOf } from "../../config/image-name.ts";
import { registryRetries } from "../../registry/client.ts";
import { writeLogin } from "../../registry/login.ts";
import { fixForStatus, isPassing, statusIn } from "../../registry/refusals.ts";
import { secretOptions } from "../build-secrets.ts";
import type { Builder, BuildProps, PushProps } from "./builder.ts";
import { formatFor, type ImageFormat, refuseHereDocuments } from "./dockerfile-needs.ts";
import { pairs } from "./pairs.ts";
import { forPeople, runBuild } from "./run-build.ts";

/** Names an image for several platforms in its build's store. An image for one platform is known by its id. */
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
  /** Its storage driver. */
  readonly driver: string;
  /** Where it keeps the user's images. */
  readonly root: string;
  /** Whether a build gets its own mount namespace: its mounts then end with it, however it ends. */
  readonly ownMounts: boolean;
}

async function setupOf(): Promise<Setup> {
  const { store } = JSON.parse(await run("buildah", ["info"]));
  return { driver: store.GraphDriverName, root: store.GraphRoot, ownMounts: await canHaveOwnMounts() };
}

/** For users other than root, buildah does this itself. In some containers root may not. */
const canHaveOwnMounts = async () =>
  process.getuid?.() === 0 &&
  (await run("unshare", ["--mount", "true"]).then(
    () => true,
    () => false,
  ));

/**
 * Each build has its own store: builds that share one remove each other's layers, and reuse layers of other commits. The user's
 * base images are read in place.
 */
function storeIn(folder: string, { driver, root }: Setup): string[] {
  return [
    ...["--root", join(folder, "store"), "--runroot", join(folder, "store-run"), "--storage-driver", driver],
    ...["--storage-opt", `${driver}.imagestore=${root}`],
    // Leaves nothing mounted, so that the folder can be removed.
    ...(driver === "overlay" ? ["--storage-opt", "overlay.skip_mount_home=true"] : []),
  ];
}

/** Buildah keeps the folders of `RUN --mount=type=cache` in TMPDIR. Each build has its own. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const TMPDIR = join(folder, "buildah-tmp");
  mkdirSync(TMPDIR, { recursive: true });
  return { TMPDIR };
}

async function build(setup: Setup, props: BuildProps, format: ImageFormat): Promise<string> {
  const { folder, keptAs, platforms } = props;
  const isForSeveral = platforms.length > 1;
  // A list of images can only be pushed to a registry, so one that is kept is built in the user's store.
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

/** Copies an image from a build's store to the user's. It goes through a file, because a build's store only reads the user's. */
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
      // One layer for each step, and none from an earlier build.
      ...["--layers", "--no-cache", "--force-rm"],
      ...(platforms.length > 0 ? ["--platform", platforms.join()] : []),
      // Dates the layers and the image; nothing in the image tells when or by what it was built.
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

/** The same limit as for a build. */
const longestPushMs = 6 * 3_600_000;

/** Retries everything but a refusal: the registry has answered before, and there are many messages for a broken connection. */
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

/** Buildah expects a folder of certificates. */
function trust(caFile: string | undefined, folder: string): string[] {
  if (caFile === undefined) return [];
  const certificates = join(folder, "certificates");
  mkdirSync(certificates, { recursive: true });
  copyFileSync(caFile, join(certificates, "ca.crt"));
  return ["--cert-dir", certificates];
}
