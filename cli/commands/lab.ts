import Table from "cli-table3";
import type { Command } from "commander";
import { execa } from "execa";
import { loadConfig } from "../../config/load.ts";
import { LabError } from "../../lab/errors.ts";
import { down, up } from "../../lab/lab.ts";
import { readState, type LabNode } from "../../lab/state.ts";
import { type LabStatus, statusOf } from "../../lab/status.ts";
import { exitCodes } from "../exit-codes.ts";
import { step } from "../progress.ts";
import { labOptions, type LabPortOptions, removedOnFailure } from "./start.ts";

export function registerLab(program: Command): void {
  const lab = program.command("lab").description("the whole cluster on this machine, booted from its plan");
  const config = () => program.opts<{ config: string }>().config;
  const name = () => loadConfig(config()).name;

  labOptions(lab.command("up").description("boot the cluster, or bring a running one up to date")).action(
    async (ports: LabPortOptions) => {
      const state = await removedOnFailure(name(), () => up({ configPath: config(), ...ports }, step));
      console.log(formatStatus(await statusOf(state.name)));
    },
  );

  lab
    .command("down")
    .description("remove all that `lab up` made, except cached images")
    .action(async () => {
      await down(name());
      console.log("the lab is gone; cached images stay");
    });

  lab
    .command("status")
    .description("show every node; ends with 1 when something is not as it should be")
    .option("--json", "for scripts")
    .action(async ({ json }: { json?: boolean }) => {
      const status = await statusOf(name());
      console.log(json ? JSON.stringify(status, undefined, 2) : formatStatus(status));
      process.exitCode = status.up ? exitCodes.ok : exitCodes.failed;
    });

  lab
    .command("logs")
    .description("show what a node has logged")
    .argument("<node>", "such as proxy-1, or aws")
    .option("-f, --follow", "go on as it logs more")
    .option("-u, --unit <unit>", "only this systemd unit")
    .action(async (node: string, { follow, unit }: { follow?: boolean; unit?: string }) => {
      const command = ["journalctl", "--no-pager", ...(follow ? ["--follow"] : []), ...(unit ? ["--unit", unit] : [])];
      await inNode(name(), node, command);
    });

  lab
    .command("shell")
    .description("open a root shell on a node, or run a command there")
    .argument("<node>", "such as proxy-1, or aws")
    .argument("[command...]", "what to run instead of a shell")
    .action(async (node: string, command: string[]) => {
      await inNode(name(), node, command.length > 0 ? command : ["bash", "--login"]);
    });
}

export function formatStatus(status: LabStatus): string {
  if (status.nodes.length === 0) return `the lab '${status.name}' is not up: npx registry-cluster lab up`;
  const table = new Table({
    head: ["node", "role", "private address", "services", "Elastic IP"],
    style: { head: [], border: [] },
  });
  for (const { node, role, privateIp, running, services, holdsServiceAddress } of status.nodes) {
    const states = Object.entries(services).map(([service, state]) => `${service} ${state}`);
    table.push([node, role, privateIp, running ? states.join(", ") : "powered off", holdsServiceAddress ? (status.serviceAddress ?? "") : ""]);
  }
  return table.toString();
}

async function inNode(lab: string, node: string, command: readonly string[]): Promise<void> {
  const container = containerNamed(lab, node);
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const { exitCode } = await execa("docker", ["exec", "--interactive", ...terminal, container, ...command], {
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode;
}

function containerNamed(lab: string, node: string): string {
  const state = readState(lab);
  if (!state) throw new LabError(`the lab '${lab}' is not up`, { fix: "npx registry-cluster lab up" });
  const machines: Pick<LabNode, "name" | "container">[] = [...state.nodes, { name: "aws", container: `${lab}-lab-aws` }];
  const found = machines.find((machine) => machine.name === node);
  if (!found) {
    throw new LabError(`no node '${node}' in the lab '${lab}'`, { fix: `one of ${machines.map((m) => m.name).join(", ")}` });
  }
  return found.container;
}
