import type { Command } from "commander";
import { execa, type Options } from "execa";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { shown } from "../../common/shown.ts";
import { stateFile } from "../../config/derived-names.ts";
import { loadConfig } from "../../config/load.ts";
import { shellExports, shellUnset } from "../../lab/account/environment.ts";
import { down, startAws } from "../../lab/lab.ts";
import { containerOf } from "../../lab/machines.ts";
import { type LabNode, stateOf } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { appliedHelp, bootLab, type LabOptions, labOptions, removedOnFailure } from "../booting.ts";
import { exitCodes } from "../exit-codes.ts";
import { say, sayJson } from "../output.ts";
import { step } from "../progress.ts";
import { formatStatus, paceOf } from "../status-table.ts";
import { registerLabFaults } from "./lab-faults.ts";

export function registerLab(program: Command): void {
  const lab = program.command("lab").description("the whole cluster on this machine, booted from its plan");
  const config = () => program.opts<{ config: string }>().config;
  const name = () => loadConfig(config()).name;

  labOptions(lab.command("up").description("boot the cluster, or bring a running one up to date"))
    .option("--applied", appliedHelp)
    .action(async ({ applied, ...options }: LabOptions & { applied?: boolean }) => {
      const state = await bootLab({ configPath: config(), applied, ...options });
      say(formatStatus(await statusOf(state.name)));
    });

  labOptions(
    lab.command("aws").description("boot only the machine that emulates AWS, for Terraform to deploy to"),
  ).action(async (options: LabOptions) => {
    const state = await removedOnFailure(name(), () => startAws({ configPath: config(), ...options }, step));
    say(["", shellExports(state), howToUseAws(state.name), ...paceOf(state)].join("\n"));
  });

  lab
    .command("env")
    .description("print environment variables that point Terraform and all other commands at this machine's AWS")
    .option("--unset", "print the commands that undo it")
    .action(({ unset }: { unset?: boolean }) => {
      const state = stateOf(name(), "npm run aws:emulate");
      process.stdout.write(unset ? shellUnset(state) : shellExports(state));
    });

  lab
    .command("down")
    .description("remove everything that `lab up` created, except cached images")
    .action(async () => {
      await down(name());
      say("the lab is removed; cached images stay");
    });

  lab
    .command("status")
    .description("show every node; exits with 1 if anything is wrong")
    .option("--json", "for scripts")
    .action(async ({ json }: { json?: boolean }) => {
      const status = await statusOf(name());
      if (json) sayJson(status);
      else say(formatStatus(status));
      process.exitCode = status.up ? exitCodes.ok : exitCodes.failed;
    });

  lab
    .command("logs")
    .description("show the log of a node")
    .argument("<node>", "such as proxy-1, or aws")
    .option("-f, --follow", "follow the log")
    .option("-u, --unit <unit>", "only this systemd unit")
    .action(async (node: string, { follow, unit }: { follow?: boolean; unit?: string }) => {
      const command = ["journalctl", "--no-pager", ...(follow ? ["--follow"] : []), ...(unit ? ["--unit", unit] : [])];
      await inNode(name(), node, command, { stdin: "ignore", stdout: [shownLines, "inherit"], stderr: "inherit" });
    });

  lab
    .command("shell")
    .description("open a root shell on a node, or run a command there")
    .argument("<node>", "such as proxy-1, or aws")
    .argument("[command...]", "what to run instead of a shell; put -- before it if it has options")
    .action(async (node: string, command: string[]) => {
      const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
      await inNode(name(), node, command.length > 0 ? command : ["bash", "--login"], { stdio: "inherit" }, terminal);
    });

  registerLabFaults(lab, () => stateOf(name()));
}

/** A node's log may quote anybody. */
function* shownLines(line: unknown) {
  yield shown(String(line));
}

async function inNode(
  lab: string,
  node: string,
  command: readonly string[],
  streams: Pick<Options, "stdio" | "stdin" | "stdout" | "stderr">,
  terminal: readonly string[] = [],
): Promise<void> {
  const container = containerNamed(lab, node);
  const { exitCode } = await execa("docker", ["exec", "--interactive", ...terminal, container, ...command], {
    ...streams,
    reject: false,
    cancelSignal: interrupted,
  });
  // No exit code means that a signal ended it: Ctrl-C is the usual end of following a log.
  process.exitCode = exitCode ?? exitCodes.interrupted;
}

const howToUseAws = (lab: string) => `Deploy to it in this shell, then boot what was applied:
  eval "$(npx registry-cluster lab env)"
  npx cdktf deploy
  npx registry-cluster lab up --applied
  npx cdktf diff

Talk to the real AWS again, and remove it all:
  eval "$(npx registry-cluster lab env --unset)"
  npm stop
  rm ${stateFile(lab)}*     (the state of an AWS that no longer exists)
`;

function containerNamed(lab: string, node: string): string {
  const state = stateOf(lab);
  const machines: Pick<LabNode, "name" | "container">[] = [
    ...state.nodes,
    { name: "aws", container: containerOf(lab, "aws") },
  ];
  const found = machines.find((machine) => machine.name === node);
  if (!found) {
    throw new OperatorError(`no node '${node}' in the lab '${lab}'`, {
      fix: `one of ${machines.map((m) => m.name).join(", ")}`,
    });
  }
  return found.container;
}
