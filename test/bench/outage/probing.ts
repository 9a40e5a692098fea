import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { operatorLogin } from "../../../lab/account/machine.ts";
import { type LabState, labFiles } from "../../../lab/state.ts";
import type { Probe } from "./probe.ts";
import type { ProberNews, ProberSetup } from "./prober.ts";

/** Two cores handle 50 new TLS connections a second, with half a core to spare. */
export const probeIntervalMs = 20;

/**
 * A request without a good answer by then has failed. This is longer than the second for which nginx waits for a dead proxy or
 * registry before it asks the other one: such a request was slow, but did not fail.
 */
export const probeTimeoutMs = 2_000;

/** A running prober, and everything it saw since `forget` was last called. */
export class Probing {
  probes: Probe[] = [];
  cpuShare = 0;
  lateMs = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on("message", (news: ProberNews) => {
      this.probes.push(...news.probes);
      this.cpuShare = news.cpuShare;
      this.lateMs = news.lateMs;
    });
  }

  static async start(lab: LabState): Promise<Probing> {
    const { user, password } = await operatorLogin(lab);
    const child = fork(fileURLToPath(new URL("prober.ts", import.meta.url)));
    child.send({
      port: lab.ports.https,
      domainName: lab.domainName,
      caCertificate: readFileSync(labFiles(lab.name).caCertificate, "utf8"),
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
      intervalMs: probeIntervalMs,
      timeoutMs: probeTimeoutMs,
    } satisfies ProberSetup);
    return new Probing(child);
  }

  /** Time of the last failure, in ms since 1970; undefined if there was none. */
  lastFailureMs(): number | undefined {
    return this.probes.findLast(({ failure }) => failure !== undefined)?.endMs;
  }

  /** Forgets everything seen, before the next run. */
  forget(): void {
    this.probes = [];
  }

  stop(): void {
    this.child.disconnect();
  }
}
