import { dirname } from "node:path";
import type { Role } from "../../config/topology.ts";
import { uninterrupted } from "../../operator/program.ts";
import { blobCacheFolder } from "../../templates/proxy-files.ts";
import { docker } from "../docker.ts";
import type { LabNode } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, actOnMachine, runFolder } from "./machine.ts";

/** Faults of a whole machine. */
export const nodeFaults = {
  "node-pause": ({ container }: LabNode) => actOnMachine(container, ["pause"], "pause"),
  "node-off": ({ container }: LabNode) => powerOff(container),
  "node-reboot": reboot,
  "cpu-starved": ({ container }: LabNode) => actOnMachine(container, starve, "update"),
  "disk-full": ({ container, role }: LabNode) => act(container, fillDisk(role)),
};

function powerOff(container: string): Promise<Injected> {
  return actOnMachine(container, ["kill"], "kill");
}

/** Not Docker's own restart, which would let systemd begin to say goodbye. */
async function reboot({ container }: LabNode): Promise<Injected> {
  const injected = await powerOff(container);
  await docker(["wait", container], uninterrupted);
  await docker(["start", container], uninterrupted);
  return injected;
}

/** In microseconds: 5 ms of every 100. */
const starve = ["update", "--cpu-period", "100000", "--cpu-quota", "5000"];

/** A Docker command that gives a machine all processors again, whatever its state is. */
export const healProcessors = (container: string) => ["update", "--cpu-quota", "-1", container];

/**
 * A folder that a service writes to, and how a full file system lies over it:
 * - covered: what is in the folder shows through; it makes no room by going;
 * - hidden: only its directories are there.
 */
type Folder = readonly [path: string, how: "covered" | "hidden"];

const ofConverging: readonly Folder[] = [
  ["/var/lib/registry-cluster", "covered"],
  ["/var/log/registry-cluster", "hidden"],
];

const foldersOf: Readonly<Record<Role, readonly Folder[]>> = {
  bastion: ofConverging,
  proxy: [
    ...ofConverging,
    ["/var/log/nginx", "hidden"],
    ["/var/lib/nginx", "hidden"],
    [dirname(blobCacheFolder), "hidden"],
  ],
  // The registry itself writes to S3 only. Docker needs this folder to start it again.
  registry: [...ofConverging, ["/var/lib/docker/containers", "covered"]],
  builder: [...ofConverging, ["/var/lib/image-watch", "covered"]],
};

const device = "lab-disk-full";

/** As nginx does when the disk gets full. Else it would never again know of the files that are hidden for a while. */
const emptyCache = `if [[ -d ${blobCacheFolder} ]]; then find ${blobCacheFolder} -type f -delete; fi`;

/** nginx goes on writing to the log files that it has open, wherever they are, until it is told to open them again. */
const reopenLogs = "systemctl kill --kill-who=main --signal=USR1 nginx 2> /dev/null || true";

/** It has a view of the mounts of its own, as of its start; a disk that fills up by itself it would see. */
const lookAgain = "systemctl try-restart disk-guard 2> /dev/null || true";

/** All machines share the laptop's disk, which must not fill up: so each folder becomes a small file system that is full. */
function fillDisk(role: Role): string {
  const fills = foldersOf[role].map(([path, how]) => `if [[ -d ${path} ]]; then ${how} ${path}; fi`);
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

/** Takes the full file systems away again. Docker's folder then shows a container that has ended meanwhile. */
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
