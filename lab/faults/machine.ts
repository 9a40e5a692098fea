import { uninterrupted } from "../../common/program.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { labelOf } from "../machines.ts";
import type { Injected } from "./catalogue.ts";

/** Folder of programs and settings that faults put on a machine. It is in memory, so a reboot removes it. */
export const runFolder = "/run/lab-faults";

/** nftables table of the faults on any machine. Security groups and internet gateway have their own. */
export const table = "inet lab_faults";

/**
 * Runs a script as root on a machine. The script calls `now` right before it breaks something.
 *
 * @returns the time of that call.
 * @throws OperatorError with the script's output.
 */
export async function act(container: string, script: string): Promise<Injected> {
  const printed = await onMachine(container, `now() { echo "at $EPOCHREALTIME"; }\n${script}`);
  const [, seconds] = printed.match(/^at (\d+\.\d+)$/m) ?? [];
  if (seconds === undefined) throw new Error(`this script of a fault does not say when it acts:\n${script}`);
  return { at: Number(seconds) * 1000 };
}

/** Runs a script as root on a machine, to its end. @returns what it printed. */
export function onMachine(container: string, script: string): Promise<string> {
  return dockerExec(container, ["bash", "-euc", script], uninterrupted);
}

/**
 * Runs a Docker command on a whole machine.
 *
 * @param event its name in Docker's list of events, which has the time.
 */
export async function actOnMachine(container: string, command: readonly string[], event: string): Promise<Injected> {
  const before = Date.now();
  await docker([...command, container], uninterrupted);
  const span = ["--since", String((before - 1000) / 1000), "--until", String(Date.now() / 1000)];
  const which = ["--filter", `container=${container}`, "--filter", `event=${event}`, "--format", "{{.TimeNano}}"];
  const [nanoseconds] = (await docker(["events", ...span, ...which], uninterrupted)).split("\n").slice(-1);
  // An engine in a virtual machine may have a different clock, and then finds no event.
  return { at: nanoseconds ? Number(nanoseconds) / 1e6 : before };
}

/** State of each machine in Docker's words: running, paused, exited. */
export async function machineStates(lab: string): Promise<Map<string, string>> {
  const format = ["--format", "{{.Names}} {{.State}}"];
  const text = await docker(["ps", "--all", "--filter", `label=${labelOf(lab)}`, ...format], uninterrupted);
  return new Map(text.split("\n").map((line) => line.split(" ") as [string, string]));
}

/** A script that makes a machine drop incoming packets, also those of existing connections. */
export const dropIncoming = (...matches: readonly string[]) => `nft --file - <<'END'
table ${table} {
  chain in {
    type filter hook prerouting priority raw; policy accept;
${matches.map((match) => `    ${match} counter drop`).join("\n")}
  }
}
END`;

/** A script that lets all packets of a machine pass again. */
export const dropNothing = `nft --file - <<'END'
table ${table}
delete table ${table}
END`;
