import { STSClient } from "@aws-sdk/client-sts";
import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { clientsOf, secretStoreOf } from "../../lab/aws/machine.ts";
import { checkout } from "../../lab/checkout.ts";
import { LabError } from "../../lab/errors.ts";
import { readState } from "../../lab/state.ts";
import type { Clients } from "../../preflight/ask-aws.ts";
import { clientsOfAws } from "../../preflight/clients.ts";
import { preflight } from "../../preflight/preflight.ts";
import { formatFindings, located } from "../../preflight/report.ts";
import { exitCodes } from "../exit-codes.ts";

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description("ask AWS what would make a deployment fail; ends with 1 and names every problem; changes nothing")
    .option("--json", "for scripts")
    .option("--lab", "ask the AWS on this machine instead")
    .action(async ({ json, lab }: { json?: boolean; lab?: boolean }) => {
      const file = program.opts<{ config: string }>().config;
      const config = loadConfig(file);
      const clients = lab ? clientsOfLab(config) : clientsOfAws(config.region);
      const { passed, problems, notes } = await sayWhenSlow(`asking AWS in ${config.region}`, () =>
        preflight(config, clients, checkout),
      );
      const findings = { passed, problems: located(file, problems), notes };
      const text = json ? JSON.stringify(findings, undefined, 2) : formatFindings(file, findings);
      if (problems.length > 0 && !json) console.error(text);
      else console.log(text);
      process.exitCode = problems.length > 0 ? exitCodes.failed : exitCodes.ok;
    });
}

function clientsOfLab({ name }: ClusterConfig): Clients {
  const state = readState(name);
  if (!state) throw new LabError(`the lab '${name}' is not up`, { fix: "npx registry-cluster lab up" });
  const { ec2, buckets, objects } = clientsOf(state);
  const { credentials } = ec2.config;
  const endpoint = `http://127.0.0.1:${state.ports.api}`;
  return {
    ec2,
    store: secretStoreOf(state),
    buckets: () => buckets,
    objects: () => objects,
    sts: (region) => new STSClient({ region, endpoint, credentials }),
  };
}

/** Says on standard error what is being waited for, when that takes longer than two seconds. */
async function sayWhenSlow<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const say = () => {
    console.error(`${what} [${Math.round((Date.now() - start) / 1_000)}s]`);
    timer = setTimeout(say, 10_000);
  };
  let timer = setTimeout(say, 2_000);
  try {
    return await run();
  } finally {
    clearTimeout(timer);
  }
}
