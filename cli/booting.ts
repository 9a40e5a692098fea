import { type Command, InvalidArgumentError } from "commander";
import { down } from "../lab/lab.ts";
import { readState } from "../lab/state.ts";
import { reportOf } from "./report.ts";

export interface LabPortOptions {
  readonly httpsPort: number;
  readonly sshPort: number;
}

/** Adds the options that choose where on 127.0.0.1 the lab is found. */
export function labOptions(command: Command): Command {
  return command
    .option("--https-port <port>", "port on 127.0.0.1 that leads to the registry", parsePort, 8443)
    .option("--ssh-port <port>", "port on 127.0.0.1 that leads to the bastion", parsePort, 2222);
}

/** Runs what boots a lab; when it fails or is interrupted before the lab was up, nothing half-made stays but the logs. */
export async function removedOnFailure<T>(lab: string, run: () => Promise<T>): Promise<T> {
  const wasUp = readState(lab) !== undefined;
  try {
    return await run();
  } catch (error) {
    const isUp = wasUp && readState(lab) !== undefined;
    if (!isUp) await removeHalfMade(lab);
    throw error;
  }
}

/** What made the lab fail is for the operator to know: a failure to clean up is said, but does not take its place. */
async function removeHalfMade(lab: string): Promise<void> {
  console.error("removing what this run had begun");
  try {
    await down(lab, { keepLogs: true });
  } catch (error) {
    console.error(`not all could be removed:\n${reportOf(error).text}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port from 1 to 65535");
  return port;
}
