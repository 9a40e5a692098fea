import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import { operatorLogin } from "../../lab/account/machine.ts";
import { down } from "../../lab/lab.ts";
import { pushAndPull } from "../../lab/round-trip.ts";
import { type LabState, labFiles } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { appliedHelp, bootLab, type LabOptions, labOptions } from "../booting.ts";
import { say } from "../output.ts";
import { step } from "../progress.ts";
import { formatStatus } from "../status-table.ts";

export function registerStart(program: Command): void {
  const config = () => program.opts<{ config: string }>().config;

  labOptions(
    program
      .command("start")
      .description("boot the cluster on this machine, push and pull an image, print what to type next"),
  )
    .option("--applied", appliedHelp)
    .action(async ({ applied, ...options }: LabOptions & { applied?: boolean }) => {
      const state = await bootLab({ configPath: config(), applied, ...options }, async (booted) => {
        await step("Login, push and pull through the Elastic IP", (onProgress) => pushAndPull(booted, onProgress));
      });
      await sayWhatNext(state);
    });

  program
    .command("stop")
    .description("remove everything that `start` created, except cached images")
    .action(async () => {
      await down(loadConfig(config()).name);
      say("the cluster on this machine is removed; cached images stay, so the next start is quick");
    });
}

async function sayWhatNext(state: LabState): Promise<void> {
  const { user, password } = await operatorLogin(state);
  const address = `127.0.0.1:${state.ports.https}`;
  say(`
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
