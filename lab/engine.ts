import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "execa";
import { OperatorError } from "../common/errors.ts";
import { ensurePackages, isDebianRoot } from "../common/host-packages.ts";
import { interrupted } from "../common/interrupt.ts";
import { run, uninterrupted } from "../common/program.ts";
import { docker, dockerSucceeds } from "../machines/docker/docker.ts";

/** @returns whether a Docker engine answers. */
export function isEngineAnswering(options: Options = {}): Promise<boolean> {
  return dockerSucceeds(["version", "--format", "{{.Server.Version}}"], options);
}

/**
 * Makes sure that a Docker engine answers: uses a running one, else starts an installed one, else (as root on Debian or Ubuntu)
 * installs one.
 *
 * @throws OperatorError with the exact command, if it may not install or start one itself.
 */
export async function ensureDockerEngine(stateDir: string, onProgress: (text: string) => void): Promise<void> {
  if (await isEngineAnswering()) return;
  if (!isDebianRoot()) {
    throw new OperatorError("no Docker engine answers", {
      fix:
        process.platform === "linux"
          ? "sudo apt-get install --yes docker.io && sudo systemctl start docker (and add yourself to the docker group)"
          : "start Docker Desktop (macOS: open -a Docker)",
    });
  }
  await ensurePackages({ dockerd: "docker.io", iptables: "iptables" }, onProgress);
  // Newer releases have the client in a separate package.
  await ensurePackages({ docker: "docker-cli" }, onProgress);
  onProgress("starting the Docker engine");
  if (existsSync("/run/systemd/system")) await run("systemctl", ["start", "docker"]);
  else startDaemon(stateDir);
  await untilAnswering(daemonLog(stateDir));
}

/** Ends the Docker engine if the lab started it and no container is left on it. */
export async function stopOwnDockerEngine(stateDir: string): Promise<void> {
  const pidFile = join(stateDir, "dockerd.pid");
  if (!existsSync(pidFile)) return;
  if ((await isEngineAnswering(uninterrupted)) && (await docker(["ps", "--quiet"], uninterrupted)) !== "") return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  if (isDockerd(pid)) process.kill(pid, "SIGTERM");
  while (isDockerd(pid)) await sleep(200);
  rmSync(pidFile);
}

function startDaemon(stateDir: string): void {
  mkdirSync(dirname(daemonLog(stateDir)), { recursive: true });
  const log = openSync(daemonLog(stateDir), "a");
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  daemon.unref();
  writeFileSync(join(stateDir, "dockerd.pid"), String(daemon.pid));
}

async function untilAnswering(log: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 500) {
    if (await isEngineAnswering()) return;
    await sleep(500, undefined, { signal: interrupted });
  }
  throw new OperatorError("the Docker engine did not answer within 60 s", {
    fix: "see the log for the cause",
    log,
  });
}

/** In the folder of logs, which is kept after a failed start. */
const daemonLog = (stateDir: string) => join(stateDir, "logs", "dockerd.log");

/** Keeps us from killing another process with a reused id. A process that has ended but was not reaped has no command line. */
function isDockerd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("dockerd\0");
  } catch {
    return false;
  }
}
