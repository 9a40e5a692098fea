import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../../common/errors.ts";
import { loadConfig } from "../../config/load.ts";
import { type CheckOptions, check } from "../../operate/check/check.ts";
import { formatResults } from "../../operate/check/report.ts";
import { clientsOfAws } from "../../operate/preflight/clients.ts";
import { exitCodes } from "../exit-codes.ts";
import { say, sayJson, tell } from "../output.ts";
import { ask } from "../prompt.ts";
import { sayWhenSlow } from "../slow.ts";

interface Options {
  readonly at?: CheckOptions["at"];
  readonly user?: string;
  readonly json?: boolean;
}

export function registerCheck(program: Command): void {
  program
    .command("check")
    .description(
      "ask AWS and the registry whether the deployed cluster works; names everything that does not, and exits with 1 if something does not; changes nothing",
    )
    .option("--user <name>", "also log in to the registry; the password is in REGISTRY_PASSWORD, or asked for")
    .option("--at <host:port>", "where to reach the registry, if not at its service address: a tunnel, or a lab", place)
    .option("--json", "for scripts")
    .action(async ({ at, user, json }: Options) => {
      const config = loadConfig(program.opts<{ config: string }>().config);
      const login = user === undefined ? undefined : `${user}:${await passwordOf(user)}`;
      const results = await sayWhenSlow(`asking AWS in ${config.region}, and the registry`, () =>
        check(config, clientsOfAws(config.region), { at, login }),
      );
      if (json) sayJson(results);
      else say(formatResults(results));
      const isRight = results.every(({ outcome }) => outcome !== "failed");
      process.exitCode = isRight ? exitCodes.ok : exitCodes.failed;
    });
}

function place(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(\S+):(\d{1,5})$/.exec(text) ?? [];
  if (!host || Number(port) < 1 || Number(port) > 65_535) {
    throw new InvalidArgumentError("a host and a port such as 127.0.0.1:8443");
  }
  return { host, port: Number(port) };
}

async function passwordOf(user: string): Promise<string> {
  const given = process.env.REGISTRY_PASSWORD;
  if (given) return given;
  if (!process.stdin.isTTY) {
    throw new UsageError(`there is no password for '${user}'`, {
      cause: "REGISTRY_PASSWORD is not set, and there is no terminal to ask for it",
      fix: `REGISTRY_PASSWORD="$(npx registry-cluster access user password ${user})" npx registry-cluster check --user ${user}`,
    });
  }
  tell(`password of '${user}':`);
  return ask("", { isHidden: true });
}
