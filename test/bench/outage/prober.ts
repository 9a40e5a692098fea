import { connect, createSecureContext } from "node:tls";
import type { Probe } from "./probe.ts";

/**
 * Sends requests through the Elastic IP at a steady rate and reports each finished one to the parent process. It is a separate
 * process, so that nothing else makes it late. It starts requests when they are due, however many still wait for an answer.
 */

/** The first message from the parent. */
export interface ProberSetup {
  readonly port: number;
  readonly domainName: string;
  readonly caCertificate: string;
  readonly authorization: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Each message to the parent: finished requests, and the CPU time that the prober has used so far. */
export interface ProberNews {
  readonly probes: readonly Probe[];
  readonly cpuShare: number;
  /** How late the latest request was started. */
  readonly lateMs: number;
}

process.once("message", (setup: ProberSetup) => probeSteadily(setup));
process.once("disconnect", () => process.exit());
// Ctrl-C reaches all processes of a terminal; the parent decides when to end.
process.on("SIGINT", () => undefined);

function probeSteadily(setup: ProberSetup): void {
  const request = requester(setup);
  const begunAt = performance.now();
  let dueMs = Date.now();
  let lateMs = 0;
  let ended: Probe[] = [];

  setInterval(() => {
    const now = Date.now();
    lateMs = Math.max(lateMs, now - dueMs);
    for (; dueMs <= now; dueMs += setup.intervalMs) request(dueMs, (probe) => ended.push(probe));
  }, setup.intervalMs / 4);

  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const cpuShare = (user + system) / 1000 / (performance.now() - begunAt);
    process.send?.({ probes: ended, cpuShare, lateMs } satisfies ProberNews);
    ended = [];
  }, 100);
}

/** Starts a request: a full TLS handshake, a login, an answer from a registry. */
function requester({ port, domainName, caCertificate, authorization, timeoutMs }: ProberSetup) {
  const secureContext = createSecureContext({ ca: caCertificate });
  const text = `GET /v2/ HTTP/1.1\r\nHost: ${domainName}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;

  return (startMs: number, onEnd: (probe: Probe) => void): void => {
    let answer = "";
    let failure: string | undefined;
    const socket = connect({ host: "127.0.0.1", port, servername: domainName, secureContext });
    const timer = setTimeout(
      () => socket.destroy(new Error("no answer in time")),
      Math.max(0, startMs + timeoutMs - Date.now()),
    );
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      answer += part;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      failure = error.code ?? error.message;
    });
    socket.on("close", () => {
      clearTimeout(timer);
      onEnd({ startMs, endMs: Date.now(), failure: failure ?? faultOf(answer) });
    });
    socket.write(text);
  };
}

/** Only a complete answer to a logged-in client is good. */
function faultOf(answer: string): string | undefined {
  if (answer === "") return "closed without an answer";
  if (!answer.startsWith("HTTP/1.1 200 ")) return answer.slice(0, "HTTP/1.1 502".length);
  return answer.endsWith("{}") ? undefined : "answer cut off";
}
