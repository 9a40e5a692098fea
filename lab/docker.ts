import { ExecaError, type Options, execa } from "execa";
import { LabError } from "./errors.ts";

/**
 * Runs the docker client.
 *
 * @returns what it printed.
 * @throws LabError with the client's own words.
 */
export async function docker(args: readonly string[], options: Options = {}): Promise<string> {
  try {
    const { stdout } = await execa("docker", args, { ...options, lines: false, encoding: "utf8" });
    return String(stdout ?? "");
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.isCanceled) throw error;
    throw new LabError(`docker ${args[0]} failed`, {
      cause: String(error.stderr || error.shortMessage)
        .trim()
        .split("\n")
        .slice(-5)
        .join("\n        "),
    });
  }
}

/** Runs a command in a container and returns what it printed. */
export function dockerExec(container: string, command: readonly string[], options: Options = {}): Promise<string> {
  return docker(["exec", ...(options.input === undefined ? [] : ["-i"]), container, ...command], options);
}

/** @returns whether the docker client ends without an error. */
export async function dockerSucceeds(args: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa("docker", args, { reject: false, stdio: "ignore" });
  return exitCode === 0;
}

/** Names or ids of what `docker <kind> ls` lists with this label. */
export async function dockerList(
  kind: "container" | "network" | "volume",
  label: string,
  format = kind === "container" ? "{{.Names}}" : "{{.Name}}",
): Promise<string[]> {
  const all = kind === "container" ? ["--all"] : [];
  const text = await docker([kind, "ls", ...all, "--filter", `label=${label}`, "--format", format]);
  return text.split("\n").filter(Boolean);
}
