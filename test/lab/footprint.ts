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

/**
 * @param own how the names of a lab's containers and networks start. They do not count, and neither do the volumes of these containers.
 * @default - everything counts
 */
export async function footprint(own?: string): Promise<Footprint> {
  const list = async (...args: string[]) => {
    const { stdout } = await execa("docker", args, { reject: false });
    return String(stdout).split("\n").filter(Boolean).sort();
  };
  const isOwn = (name: string) => own !== undefined && name.startsWith(own);
  const containers = await list("ps", "--all", "--format", "{{.Names}}");
  const ownVolumes = await list(
    ...["inspect", "--format", "{{range .Mounts}}{{println .Name}}{{end}}"],
    ...containers.filter(isOwn),
  );
  return {
    containers: containers.filter((name) => !isOwn(name)),
    networks: (await list("network", "ls", "--format", "{{.Name}}")).filter(
      (name) => !builtIn.has(name) && !isOwn(name),
    ),
    volumes: (await list("volume", "ls", "--format", "{{.Name}}")).filter((name) => !ownVolumes.includes(name)),
    kernelSettings: (await execa("sysctl", sharedSettings, { reject: false })).stdout.split("\n"),
    files: Object.fromEntries(touchable.map((path) => [path, hashOf(path)])),
  };
}

/** These come with the engine, which a first start may have to start. */
const builtIn = new Set(["bridge", "host", "none"]);

const hashOf = (path: string) =>
  existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "absent";
