import type { Command } from "commander";
import { checkout } from "../../common/checkout.ts";
import { loadConfig } from "../../config/load.ts";
import { clientsOfAws } from "../../operate/preflight/clients.ts";
import { preflight } from "../../operate/preflight/preflight.ts";
import { formatFindings, located } from "../../operate/preflight/report.ts";
import { exitCodes } from "../exit-codes.ts";
import { say, sayJson, tell } from "../output.ts";
import { sayWhenSlow } from "../slow.ts";

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description(
      "ask AWS what would make a deployment fail; names every problem, and exits with 1 if there is one; changes nothing",
    )
    .option("--json", "for scripts")
    .action(async ({ json }: { json?: boolean }) => {
      const file = program.opts<{ config: string }>().config;
      const config = loadConfig(file);
      const clients = clientsOfAws(config.region);
      const { passed, problems, notes } = await sayWhenSlow(`asking AWS in ${config.region}`, () =>
        preflight(config, clients, checkout),
      );
      const findings = { passed, problems: located(file, problems), notes };
      if (json) sayJson(findings);
      else (problems.length > 0 ? tell : say)(formatFindings(file, findings));
      process.exitCode = problems.length > 0 ? exitCodes.failed : exitCodes.ok;
    });
}
