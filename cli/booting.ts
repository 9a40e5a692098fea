import { type Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../config/load.ts";
import { down, type UpOptions, up, upApplied } from "../lab/lab.ts";
import { type LabState, readState } from "../lab/state.ts";
import { tell } from "./output.ts";
import { step } from "./progress.ts";
import { reportOf } from "./report.ts";

export type LabOptions = Omit<UpOptions, "configPath">;

/** Adds the options of whatever boots the lab's AWS. */
export function labOptions(command: Command): Command {
  return command
    .option("--https-port <port>", "port on 127.0.0.1 that leads to the registry", parsePort, 8443)
    .option("--ssh-port <port>", "port on 127.0.0.1 that leads to the bastion", parsePort, 2222)
    .option(
      "--as-on-aws [seed]",
      "with AWS's delays and limits: an address moves within seconds, permissions act after 10 s, calls are throttled",
      parseSeed,
    );
}

export const appliedHelp = "boot what Terraform has applied to `lab aws`, instead of what the plan says";

/** Boots the cluster on this machine, from its plan or as Terraform has applied it, then runs `then`. */
export async function bootLab(
  { applied, ...options }: UpOptions & { readonly applied?: boolean },
  then: (state: LabState) => Promise<void> = async () => {},
): Promise<LabState> {
  const boot = async () => {
    const state = applied ? await upApplied(options, step) : await up(options, step);
    await then(state);
    return state;
  };
  // Keep what Terraform has deployed, even if a node fails to boot.
  return applied ? boot() : removedOnFailure(loadConfig(options.configPath).name, boot);
}

/** Boots a lab. If that fails or is interrupted before the lab is up, removes everything but the logs. */
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

/** Reports a clean-up failure too, but never hides the cause of the first failure. */
async function removeHalfMade(lab: string): Promise<void> {
  tell("removing what this run has created");
  try {
    await down(lab, { keepLogs: true });
  } catch (error) {
    tell(`some of it could not be removed:\n${reportOf(error).text}`);
  }
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a seed is a whole number below 1000000000");
  return Number(text);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port from 1 to 65535");
  return port;
}
