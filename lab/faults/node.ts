import { dirname } from "node:path";
import { uninterrupted } from "../../common/program.ts";
import { docker } from "../../machines/docker/docker.ts";
import { blobCacheFolder } from "../../templates/proxy-files.ts";
import type { Role } from "../../topology/roles.ts";
import type { LabNode } from "../state.ts";
import { type Injected, starvedPercent } from "./catalogue.ts";
import { act, actOnMachine, runFolder } from "./machine.ts";

/** Faults of a whole machine. */
export const nodeFaults = {
  "node-pause": ({ container }: LabNode) => actOnMachine(container, ["pause"], "pause"),
  "node-off": ({ container }: LabNode) => powerOff(container),
  "node-reboot": reboot,
  "cpu-starved": ({ container }: LabNode) => actOnMachine(container, starve, "update"),
  "disk-full": ({ container, role }: LabNode) => act(container, fillDisk(role)),
};

export function powerOff(container: string): Promise<Injected> {
  return actOnMachine(container, ["kill"], "kill");
}

/** Not Docker's own restart, which would let systemd start to shut down cleanly. */
async function reboot({ container }: LabNode): Promise<Injected> {
  const injected = await powerOff(container);
  await docker(["wait", container], uninterrupted);
  await docker(["start", container], uninterrupted);
  return injected;
}

/** In microseconds: 5 ms of every 100 ms. */
const periodUs = 100_000;
const starve = ["update", "--cpu-period", String(periodUs), "--cpu-quota", String((periodUs * starvedPercent) / 100)];

/** A Docker command that gives a machine all processors again, whatever its state. */
export const healProcessors = (container: string) => ["update", "--cpu-quota", "-1", container];

/**
 * A folder that a service writes to, and how a full file system is mounted over it:
 * - covered: its contents stay visible, but deleting them frees no space;
 * - hidden: only its directories are visible.
 */
type Folder = readonly [path: string, how: "covered" | "hidden"];

const ofConverging: readonly Folder[] = [
  ["/var/lib/registry-cluster", "covered"],
  ["/var/log/registry-cluster", "hidden"],
];

/** What the services of a role write to. */
const foldersOf: Partial<Readonly<Record<Role, readonly Folder[]>>> = {
  proxy: [
    ["/var/log/nginx", "hidden"],
    ["/var/lib/nginx", "hidden"],
    [dirname(blobCacheFolder), "hidden"],
  ],
  // The registry itself writes to S3 only. Docker needs this folder to start it again.
  registry: [["/var/lib/docker/containers", "covered"]],
  builder: [["/var/lib/image-watch", "covered"]],
};

const device = "lab-disk-full";

/** Empties the cache, as nginx does when the disk gets full. Otherwise nginx would lose track of the hidden files for good. */
const emptyCache = `if [[ -d ${blobCacheFolder} ]]; then find ${blobCacheFolder} -type f -delete; fi`;

/** nginx keeps writing to its open log files, wherever they are, until it is told to reopen them. */
const reopenLogs = "systemctl kill --kill-who=main --signal=USR1 nginx 2> /dev/null || true";

/** disk-guard's mount namespace is fixed at its start, so it cannot see the overlay. A disk that really fills up needs no restart. */
const lookAgain = "systemctl try-restart disk-guard 2> /dev/null || true";

/** All machines share the laptop's disk, which must not fill up, so each folder becomes a small, full file system. */
function fillDisk(role: Role): string {
  const folders = [...ofConverging, ...(foldersOf[role] ?? [])];
  const fills = folders.map(([path, how]) => `if [[ -d ${path} ]]; then ${how} ${path}; fi`);
  return `covered() {
  local full
  mkdir -p ${runFolder}
  full=$(mktemp --directory ${runFolder}/full.XXX)
  mount --types tmpfs ${device} "$full"
  mkdir "$full/upper" "$full/work"
  leave_no_room "$full"
  mount --types overlay --options "lowerdir=$1,upperdir=$full/upper,workdir=$full/work" ${device} "$1"
}
hidden() {
  local directories
  directories=$(cd "$1"; find . -type d | tar --create --no-recursion --files-from - | base64)
  mount --types tmpfs ${device} "$1"
  base64 --decode <<< "$directories" | tar --extract --directory "$1"
  leave_no_room "$1"
}
leave_no_room() {
  mount --options "remount,size=$(($(df --output=used --block-size=1K "$1" | tail -1) + 64))k" "$1"
  dd if=/dev/zero of="$1/.full" bs=4k 2> /dev/null || true
}
if findmnt --source ${device} > /dev/null; then now; exit; fi
now
${role === "proxy" ? emptyCache : ""}
${fills.join("\n")}
${role === "proxy" ? `${lookAgain}\n${reopenLogs}` : ""}`;
}

/** Removes the full file systems. Docker's folder may then show containers that have been removed meanwhile: delete them. */
export const healDisk = `if findmnt --source ${device} > /dev/null; then
  findmnt --noheadings --output TARGET --source ${device} --raw | xargs --max-args=1 umount --lazy
  rmdir ${runFolder}/full.*
  ${lookAgain}
  ${reopenLogs}
  if [[ -d /var/lib/docker/containers ]]; then
    known=$(docker ps --all --quiet --no-trunc)
    for folder in /var/lib/docker/containers/*; do
      if [[ $known != *"\${folder##*/}"* ]]; then rm -r "$folder"; fi
    done
  fi
fi`;
