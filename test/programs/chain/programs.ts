import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type ResultPromise } from "execa";
import { registryProgram } from "../../../artifacts/build-registry-image.ts";
import { buildGoProgram, cachedProgramPath } from "../../../artifacts/go-program.ts";
import { registryImage } from "../../../artifacts/registry-image.ts";
import { checkout } from "../../../common/checkout.ts";
import { s3Server } from "../../../lab/account/machine.ts";
import { findProgram } from "../program.ts";

/** The programs of a chain, each started with the files that a test has rendered for it. */

const registry = cachedProgramPath(registryProgram(registryImage));
const s3 = cachedProgramPath(s3Server);

/** Builds programs that are in no package, once per machine: takes minutes. */
export async function buildPrograms(): Promise<void> {
  for (const program of [registryProgram(registryImage), s3Server]) await buildGoProgram(program);
}

/** Keys that the S3 server knows. */
export const s3Keys = { access: "key", secret: "secret-key" } as const;

export function runS3(folder: string, port: number): ResultPromise {
  const keys = ["--access", s3Keys.access, "--secret", s3Keys.secret];
  const place = ["--region", "eu-west-1", "--port", `127.0.0.1:${port}`];
  return run(s3, ...keys, ...place, "posix", "--sidecar", join(folder, "sidecar"), join(folder, "s3"));
}

export function runRegistry(config: string, caBundle: string): ResultPromise {
  const settings = ["REGISTRY_HTTP_SECRET=any", "OTEL_TRACES_EXPORTER=none", `AWS_CA_BUNDLE=${caBundle}`];
  return runLogged(`${config}.log`, "env", ...settings, registry, "serve", config);
}

export function runHaproxy(config: string): ResultPromise {
  return runLogged(`${config}.log`, findProgram("haproxy") ?? "haproxy", "-db", "-f", config);
}

export function runNginx(config: string): ResultPromise {
  return run(...nginxCommand(config));
}

/** Runs nginx with a small disk below its cache, and the disk guard beside it. */
export function runNginxOnSmallDisk(config: string, cache: string, mib: number, diskFullFlag: string): ResultPromise {
  const script = `
    cache=$1 mib=$2 guard=$3 flag=$4
    shift 4
    mount -t tmpfs -o "size=$mib"m blobs "$cache"
    # nginx's other folders belong to a user that does not exist in this namespace.
    mount -t tmpfs nginx /var/lib/nginx
    bash "$guard" "$cache" 768 "$flag" &
    exec "$@"`;
  const guard = join(checkout, "salt", "nginx", "files", "disk-guard");
  const namespace = ["--map-root-user", "--mount", "--pid", "--fork", "--kill-child"];
  const args = [cache, String(mib), guard, diskFullFlag, ...nginxCommand(config)];
  return run("unshare", ...namespace, "sh", "-ec", script, "sh", ...args);
}

function nginxCommand(config: string): [string, ...string[]] {
  return [findProgram("nginx") ?? "nginx", "-c", config, "-g", "daemon off;"];
}

function run(command: string, ...args: string[]): ResultPromise {
  // unshare ignores other signals while it waits for its child.
  const killSignal = command === "unshare" ? "SIGKILL" : "SIGTERM";
  return execa(command, args, { stdio: "ignore", reject: false, killSignal });
}

function runLogged(log: string, command: string, ...args: string[]): ResultPromise {
  const output = { file: log, append: true } as const;
  return execa(command, args, { stdin: "ignore", stdout: output, stderr: output, reject: false });
}

export async function untilListening(port: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
    const listens = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (listens) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port} of 127.0.0.1 after 30 s`);
  }
}
