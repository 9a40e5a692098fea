import { execa, type Options } from "execa";
import { interrupted } from "../../common/interrupt.ts";
import { run } from "../../common/program.ts";

/**
 * Runs the docker client.
 *
 * @returns what it printed.
 * @throws OperatorError with the client's own message.
 */
export function docker(args: readonly string[], options: Options = {}): Promise<string> {
  return run("docker", args, options);
}

/** Runs a command in a container and returns what it printed. */
export function dockerExec(container: string, command: readonly string[], options: Options = {}): Promise<string> {
  return docker(["exec", ...(options.input === undefined ? [] : ["-i"]), container, ...command], options);
}

/** @returns whether the docker client exits without an error. */
export async function dockerSucceeds(args: readonly string[], options: Options = {}): Promise<boolean> {
  const { exitCode, isCanceled } = await execa("docker", args, {
    cancelSignal: interrupted,
    ...options,
    reject: false,
    stdio: "ignore",
  });
  if (isCanceled) throw interrupted.reason;
  return exitCode === 0;
}

/** Names of what `docker <kind> ls` lists with this label. */
export async function dockerList(
  kind: "container" | "network",
  label: string,
  options: Options = {},
): Promise<string[]> {
  const all = kind === "container" ? ["--all", "--format", "{{.Names}}"] : ["--format", "{{.Name}}"];
  const text = await docker([kind, "ls", ...all, "--filter", `label=${label}`], options);
  return text.split("\n").filter(Boolean);
}
