import { type Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../config/load.ts";
import { down, type UpOptions, up, upApplied } from "../lab/lab.ts";
import { type LabState, readState } from "../lab/state.ts";
import { tell } from "./output.ts";
import { step } from "./progress.ts";
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

export const appliedHelp = "boot what Terraform has applied to `lab aws`, instead of what the plan says";

/** Boots the cluster on this machine, from its plan or as Terraform has applied it, and then does what makes it useful. */
export async function bootLab(
  { applied, ...options }: UpOptions & { readonly applied?: boolean },
  then: (state: LabState) => Promise<void> = async () => {},
): Promise<LabState> {
  const boot = async () => {
    const state = applied ? await upApplied(options.configPath, step) : await up(options, step);
    await then(state);
    return state;
  };
  // What Terraform has put into an AWS must outlive a node that does not boot.
  return applied ? boot() : removedOnFailure(loadConfig(options.configPath).name, boot);
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
  tell("removing what this run had begun");
  try {
    await down(lab, { keepLogs: true });
  } catch (error) {
    tell(`not all could be removed:\n${reportOf(error).text}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port from 1 to 65535");
  return port;
}
