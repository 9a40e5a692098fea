import type { Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import { planTopology } from "../../config/plan.ts";

export function registerConfig(program: Command): void {
  const config = program.command("config").description("check the cluster's config file");

  config
    .command("check")
    .description("check the config; ends with 2 and names every fault when it is wrong")
    .option("--json", "print the config with all defaults filled in, and the planned addresses")
    .action(({ json }: { json?: boolean }) => {
      const file = program.opts<{ config: string }>().config;
      const topology = planTopology(loadConfig(file));
      if (json) console.log(JSON.stringify(topology, undefined, 2));
      else
        console.log(`${file} is right: ${topology.nodes.map((node) => `${node.name} ${node.privateIp}`).join(", ")}`);
    });
}
