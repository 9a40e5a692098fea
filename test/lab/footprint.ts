import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** What a lab could touch by mistake on the machine that it runs on. */
export interface Footprint {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly kernelSettings: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** Settings that Salt sets on nodes, and that a container shares with its host. */
const sharedSettings = ["vm.swappiness", "vm.overcommit_memory", "kernel.pid_max", "fs.file-max", "net.core.somaxconn"];

const touchable = [
  "/etc/hosts",
  "/etc/resolv.conf",
  "/etc/docker/daemon.json",
  join(homedir(), ".docker", "config.json"),
];

export async function footprint(): Promise<Footprint> {
  const list = async (...args: string[]) => {
    const { stdout } = await execa("docker", args, { reject: false });
    return String(stdout).split("\n").filter(Boolean).sort();
  };
  return {
    containers: await list("ps", "--all", "--format", "{{.Names}}"),
    networks: (await list("network", "ls", "--format", "{{.Name}}")).filter((name) => !builtIn.has(name)),
    volumes: await list("volume", "ls", "--format", "{{.Name}}"),
    kernelSettings: (await execa("sysctl", sharedSettings, { reject: false })).stdout.split("\n"),
    files: Object.fromEntries(touchable.map((path) => [path, hashOf(path)])),
  };
}

/**
 * What is new in the Docker engine and what is different on the machine, one line each. What has gone from the engine does not count:
 * a lab that starts clears away what is left of one that was killed.
 */
export function changedBetween(before: Footprint, after: Footprint): string[] {
  const added = (kind: string, was: readonly string[], is: readonly string[]) =>
    is.filter((name) => !was.includes(name)).map((name) => `new ${kind} ${name}`);
  return [
    ...added("container", before.containers, after.containers),
    ...added("network", before.networks, after.networks),
    ...added("volume", before.volumes, after.volumes),
    ...added("setting", before.kernelSettings, after.kernelSettings),
    ...touchable.filter((path) => after.files[path] !== before.files[path]).map((path) => `other content of ${path}`),
  ];
}

/** These come with the engine, which a first start may have to start. */
const builtIn = new Set(["bridge", "host", "none"]);

const hashOf = (path: string) =>
  existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "absent";
