import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../common/errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { type LabState, labFiles } from "./state.ts";

/** Waits until the registry asks for a login, as a healthy one does, at its Elastic IP and with a trusted certificate. */
export async function untilRegistryAnswers(state: LabState, withinMs = 60_000): Promise<void> {
  let answer = "nothing";
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    interrupted.throwIfAborted();
    answer = await statusOf(state).then(String, (error: Error) => error.message);
    if (answer === "401") return;
    await sleep(250);
  }
  throw new OperatorError(`no registry at https://127.0.0.1:${state.ports.https}/v2/`, {
    cause: `expected the status 401, got: ${answer}`,
    fix: "npx registry-cluster lab status shows which part is missing",
  });
}

function statusOf(state: LabState): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port: state.ports.https,
        path: "/v2/",
        ca: readFileSync(labFiles(state.name).caCertificate),
        servername: state.domainName,
        timeout: 5_000,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer within 5 s")));
    call.on("error", reject);
    call.end();
  });
}
