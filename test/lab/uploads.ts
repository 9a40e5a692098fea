import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { labFiles } from "../../lab/state.ts";
import { digestOf, lab, login, withDigest } from "./support.ts";

/** For a whole request. A client waits for a busy registry; it does not wait for ever. */
const patienceMs = 120_000;

/**
 * Uploads a blob through the Elastic IP as clients do: on one connection, POST, PATCH in pieces, PUT. Nothing is tried again.
 *
 * @param sendingMs for how long its bytes are sent, on a line that takes them at once.
 * @param pieces how many pieces they are sent in, each followed by an equal pause.
 * @throws for any answer but the right one, and when the connection is cut.
 */
export async function upload(repository: string, blob: Buffer, sendingMs: number, pieces = 40): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(labFiles(lab.name).caCertificate) });
  try {
    const begun = await send(agent, "POST", `/v2/${repository}/blobs/uploads/`, 202);
    const sent = await send(agent, "PATCH", pathOf(begun), 202, (to) => sendSlowly(to, blob, sendingMs, pieces));
    await send(agent, "PUT", withDigest(pathOf(sent), digestOf(blob)), 201);
  } finally {
    agent.destroy();
  }
}

type Outgoing = ReturnType<typeof request>;

async function send(
  agent: Agent,
  method: string,
  path: string,
  status: number,
  write: (to: Outgoing) => Promise<void> = async () => undefined,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    ...{ agent, method, path, host: "127.0.0.1", port: lab.ports.https, servername: lab.domainName },
    ...{ auth: `${login.user}:${login.password}`, signal: AbortSignal.timeout(patienceMs) },
    ...(method === "PATCH" ? { headers: { "content-type": "application/octet-stream" } } : {}),
  };
  const call = request(options);
  const answered = once(call, "response") as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, write(call).then(() => call.end())]);
  const body = Buffer.concat(await answer.toArray()).toString();
  if (answer.statusCode !== status) throw new Error(`${method} answered ${answer.statusCode}: ${body}`);
  return answer;
}

async function sendSlowly(to: Outgoing, blob: Buffer, sendingMs: number, pieces: number): Promise<void> {
  const size = Math.ceil(blob.length / pieces);
  for (let from = 0; from < blob.length; from += size) {
    if (!to.write(blob.subarray(from, from + size))) await once(to, "drain");
    await sleep(sendingMs / pieces);
  }
}

const pathOf = ({ headers: { location = "" } }: IncomingMessage) => location.replace(/^https?:\/\/[^/]+/, "");
