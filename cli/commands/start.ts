import { type Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../../config/load.ts";
import { down, up } from "../../lab/lab.ts";
import { pushAndPull } from "../../lab/round-trip.ts";
import { operatorLogin } from "../../lab/aws/machine.ts";
import { type LabState, labFiles, readState } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { step } from "../progress.ts";
import { formatStatus } from "./lab.ts";

export interface LabPortOptions {
  readonly httpsPort: number;
  readonly sshPort: number;
}

export function registerStart(program: Command): void {
  const config = () => program.opts<{ config: string }>().config;

  labOptions(
    program.command("start").description("boot the cluster on this machine, push and pull an image, say what to type next"),
  ).action(async (ports: LabPortOptions) => {
    const state = await removedOnFailure(loadConfig(config()).name, async () => {
      const booted = await up({ configPath: config(), ...ports }, step);
      await step("Login, push and pull through the Elastic IP", (onProgress) => pushAndPull(booted, onProgress));
      return booted;
    });
    await sayWhatNext(state);
  });

  program
    .command("stop")
    .description("remove all that `start` made, except cached images")
    .action(async () => {
      await down(loadConfig(config()).name);
      console.log("the cluster on this machine is gone; cached images stay, so that the next start is quick");
    });
}

/** Adds the options that choose where on 127.0.0.1 the lab is found. */
export function labOptions(command: Command): Command {
  return command
    .option("--https-port <port>", "port on 127.0.0.1 that leads to the registry", parsePort, 8443)
    .option("--ssh-port <port>", "port on 127.0.0.1 that leads to the bastion", parsePort, 2222);
}

/** Runs what boots a lab; when it fails or is interrupted before the lab was up, nothing half-made stays. */
export async function removedOnFailure<T>(lab: string, run: () => Promise<T>): Promise<T> {
  const wasUp = readState(lab) !== undefined;
  try {
    return await run();
  } catch (error) {
    if (!wasUp) await down(lab, { keepLogs: true });
    throw error;
  }
}

async function sayWhatNext(state: LabState): Promise<void> {
  const { user, password } = await operatorLogin(state);
  const address = `127.0.0.1:${state.ports.https}`;
  console.log(`
${formatStatus(await statusOf(state.name))}

  registry   https://${address}   (Elastic IP ${state.serviceAddress}, ${state.domainName})
  CA file    ${labFiles(state.name).caCertificate}
  user       ${user}
  password   ${password}

Log in, push, pull:
  echo '${password}' | docker login --username ${user} --password-stdin ${address}
  docker tag IMAGE ${address}/IMAGE && docker push ${address}/IMAGE

Look around, break something, remove it all:
  npx registry-cluster lab status
  npx registry-cluster lab shell proxy-1
  npx registry-cluster lab logs registry-1 --follow
  npm stop
`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port from 1 to 65535");
  return port;
}
