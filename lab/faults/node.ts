import type { Role } from "../../config/topology.ts";
import { uninterrupted } from "../../operator/program.ts";
import { docker } from "../docker.ts";
import type { LabNode } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, actOnMachine } from "./machine.ts";

/** Faults of a whole machine. */
export const nodeFaults = {
  "node-pause": ({ container }: LabNode) => actOnMachine(container, "pause", "pause"),
  "node-off": ({ container }: LabNode) => powerOff(container),
  "node-reboot": reboot,
  "disk-full": ({ container, role }: LabNode) => act(container, fillDisk(role)),
};

function powerOff(container: string): Promise<Injected> {
  return actOnMachine(container, "kill", "kill");
}

/** Not Docker's own restart, which would let systemd begin to say goodbye. */
async function reboot({ container }: LabNode): Promise<Injected> {
  const injected = await powerOff(container);
  await docker(["wait", container], uninterrupted);
  await docker(["start", container], uninterrupted);
  return injected;
}

/** A folder that a service writes to, and whether the service needs the files in it, not only the directories. */
interface Folder {
  readonly path: string;
  readonly needsFiles: boolean;
}

const ofConverging: readonly Folder[] = [
  { path: "/var/lib/registry-cluster", needsFiles: true },
  { path: "/var/log/registry-cluster", needsFiles: false },
];

const blobCache = "/var/cache/nginx-blobs";

const foldersOf: Readonly<Record<Role, readonly Folder[]>> = {
  bastion: ofConverging,
  proxy: [
    ...ofConverging,
    { path: "/var/log/nginx", needsFiles: false },
    { path: "/var/lib/nginx", needsFiles: false },
    { path: blobCache, needsFiles: false },
  ],
  // The registry itself writes to S3 only. Docker needs this folder to start it again.
  registry: [...ofConverging, { path: "/var/lib/docker/containers", needsFiles: true }],
};

const device = "lab-disk-full";

/** As nginx does when the disk gets full. Else it would never again know of the files that are hidden for a while. */
const emptyCache = `if [[ -d ${blobCache} ]]; then find ${blobCache} -type f -delete; fi`;

/** nginx goes on writing to the log files that it has open, wherever they are, until it is told to open them again. */
const reopenLogs = "systemctl kill --kill-who=main --signal=USR1 nginx 2> /dev/null || true";

/** All machines share the laptop's disk, which must not fill up: so each folder becomes a small file system that is full. */
function fillDisk(role: Role): string {
  const fills = foldersOf[role].map(({ path, needsFiles }) => `fill ${path} ${needsFiles ? "" : "-type d"}`);
  return `fill() {
  local folder=$1 copy
  if [[ ! -d $folder ]] || findmnt --source ${device} --target "$folder" > /dev/null; then return; fi
  copy=$(mktemp)
  (cd "$folder"; find . "\${@:2}" -print0 | tar --create --file "$copy" --no-recursion --null --files-from -)
  mount --types tmpfs --options "$(stat --format uid=%u,gid=%g,mode=%a "$folder")" ${device} "$folder"
  tar --extract --file "$copy" --directory "$folder"
  rm "$copy"
  mount --options "remount,size=$(($(df --output=used --block-size=1K "$folder" | tail -1) + 64))k" "$folder"
  dd if=/dev/zero of="$folder/.full" bs=4k 2> /dev/null || true
}
now
${role === "proxy" ? emptyCache : ""}
${fills.join("\n")}
${role === "proxy" ? reopenLogs : ""}`;
}

/** Takes the full file systems away again. Docker's folder then shows containers that were removed meanwhile. */
export const healDisk = `if findmnt --source ${device} > /dev/null; then
  findmnt --noheadings --output TARGET --source ${device} --raw | xargs --max-args=1 umount --lazy
  ${reopenLogs}
  if [[ -d /var/lib/docker/containers ]]; then
    known=$(docker ps --all --quiet --no-trunc)
    for folder in /var/lib/docker/containers/*; do
      if [[ $known != *"\${folder##*/}"* ]]; then rm -r "$folder"; fi
    done
  fi
fi`;
