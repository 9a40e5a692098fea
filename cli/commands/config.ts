import type { Command } from "commander";
import { clusterFilesIn, isFolder } from "../../config/cluster-files.ts";
import { loadConfig } from "../../config/load.ts";
import { loadClusters } from "../../config/load-clusters.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { say, sayJson } from "../output.ts";

export function registerConfig(program: Command): void {
  const config = program.command("config").description("check the cluster's config file");

  config
    .command("check")
    .description("check the config, or every config in a folder; if one is wrong, names every fault and exits with 2")
    .option("--json", "print the config of one cluster with all defaults filled in, and the planned addresses")
    .action(({ json }: { json?: boolean }) => {
      const file = program.opts<{ config: string }>().config;
      if (json) return sayJson(planTopology(loadConfig(file)));
      for (const { path, config } of loadClusters(file)) {
        const nodes = planTopology(config).nodes.map((node) => `${node.name} ${node.privateIp}`);
        say(`${path} is right: ${nodes.join(", ")}`);
      }
      const passedOver = isFolder(file) ? clusterFilesIn(file).passedOver : [];
      for (const path of passedOver) say(`${path} is not read: it is hidden, or a folder`);
    });
}
