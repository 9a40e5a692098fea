import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import pLimit from "p-limit";
import { OperatorError } from "../../common/errors.ts";
import { run } from "../../common/program.ts";
import { secretOptions } from "../build-secrets.ts";
import type { Builder, BuildProps } from "./builder.ts";
import { pushLayout, toLayout } from "./layout.ts";
import { pairs } from "./pairs.ts";
import { runBuild } from "./run-build.ts";

/** How long a daemon may take to start: the previous daemon of its slot is cleaned up first. */
const startSec = 120;

/**
 * The BuildKit daemons of a builder node. Each serves one build, in its own namespaces and as its own user.
 *
 * @param folder holds their sockets, one for each slot
 * @throws OperatorError if there are none, or no client for them
 */
export async function findBuildDaemons(folder: string): Promise<Builder> {
  /** Sockets that no build is using. */
  const sockets = socketsIn(folder);
  const answer = await run("buildctl", ["--version"]);
  const version = `BuildKit ${/ (v\S+)/.exec(answer)?.[1] ?? ""}, a daemon for each build`;
  const limit = pLimit(sockets.length);
  return {
    version,
    attests: true,
    build: (props) =>
      limit(async () => {
        const socket = sockets.pop() as string;
        try {
          return await build(socket, props);
        } finally {
          sockets.push(socket);
        }
      }),
    push: pushLayout,
  };
}

function socketsIn(folder: string): string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isSocket());
  if (names.length > 0) return names.map(({ name }) => join(folder, name));
  throw new OperatorError(`there are no sockets of build daemons in ${folder}`, {
    fix: "systemctl start image-build@1.socket; systemctl status 'image-build@*'",
  });
}

/** @returns the folder of an OCI image layout. */
async function build(socket: string, props: BuildProps): Promise<string> {
  const { context, dockerfile, platforms, folder, provenance, sbom, keptAs } = props;
  if (keptAs !== undefined) {
    throw new OperatorError("build daemons keep no images", { fix: "say where to push it: --push HOST/NAME" });
  }
  const layout = join(folder, "layout");
  await runBuild(
    "buildctl",
    [
      ...["--addr", `unix://${socket}`, "--timeout", String(startSec)],
      ...["build", "--progress", "plain", "--frontend", "dockerfile.v0"],
      ...["--local", `context=${context}`, "--local", `dockerfile=${dirname(dockerfile)}`],
      ...toLayout(layout),
      ...pairs("--opt", {
        filename: basename(dockerfile),
        ...(platforms.length > 0 ? { platform: platforms.join() } : {}),
        ...(provenance ? { "attest:provenance": "mode=max" } : {}),
        ...(sbom ? { "attest:sbom": "" } : {}),
        ...prefixed("label:", props.labels),
        ...prefixed("build-arg:", props.buildArgs),
      }),
      ...secretOptions(props.secrets),
    ],
    { ...props, env: { DOCKER_CONFIG: loginsFor(props) } },
  );
  return layout;
}

/** The client gives its daemon any login that it asks for, so the client gets only those that the daemon needs. */
function loginsFor({ folder, loginForBases }: BuildProps): string | undefined {
  if (loginForBases) return process.env.DOCKER_CONFIG;
  const none = join(folder, "no-logins");
  mkdirSync(none, { recursive: true });
  return none;
}

const prefixed = (prefix: string, values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
