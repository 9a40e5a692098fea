import { resolve } from "node:path";
import type { Command } from "commander";
import { withTemporaryFolder } from "../../common/temporary-folder.ts";
import { loadConfig } from "../../config/load.ts";
import { hoursPerMonth } from "../../operate/cost/charges.ts";
import { estimate } from "../../operate/cost/estimate.ts";
import { pricesIn } from "../../operate/cost/price-table.ts";
import { sourcesOf } from "../../operate/cost/sources.ts";
import { formatEstimate } from "../../operate/cost/terminal.ts";
import { synthesize } from "../../operate/plan/synthesize.ts";
import type { Plan } from "../../operate/plan/synthesized-plan.ts";
import { say, sayJson } from "../output.ts";
import { step } from "../progress.ts";

export function registerCost(program: Command): void {
  program
    .command("cost")
    .description("estimate what a month of the cluster costs on AWS, from its plan")
    .option("--json", "for scripts")
    .action(async ({ json }: { json?: boolean }) => {
      const file = resolve(program.opts<{ config: string }>().config);
      const { name, region } = loadConfig(file);
      const prices = pricesIn(region);
      const makePlan = () => planOf(file, name);
      const plan = json ? await makePlan() : await step("Plan of the cluster", makePlan);
      const found = estimate(plan, prices);
      const sources = sourcesOf(found);
      if (json) sayJson({ region, currency: "USD", hoursPerMonth, ...found, sources });
      else say(`\n${formatEstimate(found, region)}`);
    });
}

/** The plan of a config. Leaves no files behind. */
const planOf = (configPath: string, stack: string): Promise<Plan> =>
  withTemporaryFolder("cost", (folder) => synthesize(configPath, stack, folder));
