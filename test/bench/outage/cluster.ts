import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../../common/errors.ts";
import { containerOf } from "../../../lab/machines.ts";
import type { LabNode, LabState } from "../../../lab/state.ts";
import { addressHolder, statusOf } from "../../../lab/status.ts";
import { dockerExec } from "../../../machines/docker/docker.ts";
import { type ProxySettings, proxySettings } from "./settings.ts";
import { entriesInto, lastState, type Move, movesIn } from "./takeover.ts";

export const proxiesOf = ({ nodes }: LabState): LabNode[] => nodes.filter(({ role }) => role === "proxy");

/** Settings of the proxy with the lowest priority: it is the slowest to take over. */
export async function slowestSettings(lab: LabState): Promise<ProxySettings> {
  const read = ({ container }: LabNode, path: string) => dockerExec(container, ["cat", path]);
  const settings = proxiesOf(lab).map(async (proxy) =>
    proxySettings(
      await read(proxy, "/etc/keepalived/keepalived.conf"),
      await read(proxy, "/etc/eip-keeper/config.json"),
    ),
  );
  return (await Promise.all(settings)).reduce((lowest, next) => (next.priority < lowest.priority ? next : lowest));
}

export async function holderOf(lab: LabState): Promise<LabNode | undefined> {
  const privateIp = await addressHolder(lab);
  return proxiesOf(lab).find((proxy) => proxy.privateIp === privateIp);
}

/** Waits until every service runs, exactly one proxy is master and has the address, and all others are backups. */
export async function untilWhole(lab: LabState): Promise<void> {
  let missing: string | undefined;
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(500)) {
    missing = await whatIsMissing(lab);
    if (missing === undefined) return;
  }
  throw new OperatorError("the cluster did not recover within 120 s", {
    cause: missing,
    fix: "npx registry-cluster lab heal, then npx registry-cluster lab status",
  });
}

async function whatIsMissing(lab: LabState): Promise<string | undefined> {
  if (!(await statusOf(lab.name)).up) return "a service does not run, or the address is at no proxy";
  const holder = await holderOf(lab);
  for (const proxy of proxiesOf(lab)) {
    const wanted = proxy.name === holder?.name ? "MASTER" : "BACKUP";
    const state = await lastKeepalivedState(proxy);
    if (state !== wanted) return `keepalived is ${state} on ${proxy.name}, must be ${wanted}`;
  }
  return undefined;
}

/** Switches converging on or off: it would restart what a fault has stopped. Nodes that boot converge in any case. */
export async function setConverging(lab: LabState, isWanted: boolean): Promise<void> {
  const verb = isWanted ? "start" : "stop";
  await Promise.all(
    lab.nodes.map(({ container }) => dockerExec(container, ["systemctl", verb, "registry-cluster-converge.timer"])),
  );
}

async function lastKeepalivedState(proxy: LabNode): Promise<string | undefined> {
  return lastState(await keepalivedJournal(proxy, "--lines=1"));
}

/** When each proxy became master since a time, by name; all in ms since 1970. */
export async function mastersSince(lab: LabState, sinceMs: number): Promise<Record<string, number[]>> {
  const entries = proxiesOf(lab).map(async (proxy) => {
    const journal = await keepalivedJournal(proxy, `--since=@${Math.floor(sinceMs / 1000)}`);
    return [proxy.name, entriesInto("MASTER", journal).filter((at) => at >= sinceMs)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function keepalivedJournal({ container }: LabNode, which: string): Promise<string> {
  const fields = "--output-fields=MESSAGE,_SOURCE_REALTIME_TIMESTAMP";
  const query = `journalctl --unit=keepalived --grep='Entering .* STATE' ${which} --output=json ${fields}`;
  // It exits with an error if nothing is found.
  return dockerExec(container, ["sh", "-c", `${query} || true`]);
}

/** @param holder - name of the proxy that had the address at `sinceMs` */
export async function movesSince(lab: LabState, holder: string, sinceMs: number): Promise<Move[]> {
  const log = await dockerExec(containerOf(lab.name, "aws"), [
    "sh",
    "-c",
    "grep AssociateAddress /var/log/lab/api.jsonl | tail --lines=200",
  ]);
  return movesIn(
    log,
    proxiesOf(lab).map(({ name }) => name),
    holder,
    sinceMs,
  );
}
