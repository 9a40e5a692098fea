import type { Command } from "commander";
import { loadBuilds } from "../../config/builds.ts";
import { askWatch } from "../../images/watch/status.ts";
import type { WatchProps } from "../../images/watch/watch.ts";
import { say, sayJson } from "../output.ts";
import { formatWatchStatus } from "../watch-table.ts";

interface WatchOptions extends Pick<WatchProps, "builder" | "buildDaemons" | "caFile"> {
  readonly config: string;
}

export function registerWatch(image: Command, program: Command): void {
  image
    .command("watch")
    .description("build every new tag of the repositories in a config file, until Ctrl-C")
    .option("--config <file>", "what to build: see builds.example.yml", "builds.yml")
    .option("--builder <name>", "buildkit or buildah (default: the first one installed)")
    .option("--build-daemons <folder>", "sockets of BuildKit daemons that each serve one build, as on a builder node")
    .option("--ca-file <path>", "CA certificate of the registry")
    .action(async ({ config, ...options }: WatchOptions) => {
      // Commander assigns this command's --config to the program's option of that name.
      const isGiven = program.getOptionValueSource("config") === "cli";
      const builds = loadBuilds(isGiven ? program.opts<{ config: string }>().config : config);
      const { watch } = await import("../../images/watch/watch.ts");
      await watch({ builds, ...options, log: (line) => say(line) });
    });

  image
    .command("status")
    .description("ask a watch on this machine what it has built, and what has failed")
    .option("--url <url>", "where it listens", "http://127.0.0.1:9180")
    .option("--json", "print the result as JSON")
    .action(async ({ url, json }: { url: string; json?: boolean }) => {
      const statuses = await askWatch(url);
      if (json) sayJson(statuses);
      else say(formatWatchStatus(statuses, new Date()));
    });
}
