import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ExecaError } from "execa";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits } from "../../common/process-group.ts";
import { programFailure } from "../../common/program.ts";
import { hiderOf } from "../build-secrets.ts";
import { fixFor, type KnownFixes } from "../known-fixes.ts";
import type { BuildProps } from "./builder.ts";

const lastLines = 15;

/** Compilers are silent for long, but nothing is for ever: others wait for the place of a build. */
const limits: TimeLimits = { idleMs: 3_600_000, totalMs: 6 * 3_600_000 };

/** Runs a build, tells its output line by line, and ends it with the lines that it failed by. */
export async function runBuild(
  program: string,
  args: readonly string[],
  { onOutput, secrets, env }: Pick<BuildProps, "onOutput" | "secrets"> & { readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const hide = hiderOf(secrets);
  const tail: string[] = [];
  const options = { all: true, buffer: false, stdin: "ignore", env, cancelSignal: interrupted } as const;
  const { child, end } = startGroup(program, args, options, limits);
  const lines = createInterface({ input: child.all as Readable });
  lines.on("line", (printed) => {
    if (printed.trim() === "") return;
    const line = hide(printed);
    tail.push(line);
    if (tail.length > lastLines) tail.shift();
    onOutput(line);
  });
  try {
    await end;
  } catch (error) {
    if (error instanceof TimeLimitError) throw programFailure("the build", error);
    if (!(error instanceof ExecaError) || error.isCanceled) throw error;
    throw new OperatorError("the build failed", {
      cause: tail.join("\n        "),
      fix: fixFor(tail.join("\n"), fixes) ?? usualFix,
    });
  }
}

const usualFix = "see the last lines above: correct the Dockerfile or what it runs, commit that, and build again";

const fixes: KnownFixes = [
  [/no space left/i, "free some disk space, and remove images that nobody uses: buildah prune"],
  [/toomanyrequests|rate limit/i, "log in to the registry of the base image, or take it from one of your own"],
  [/unauthorized|authentication required/i, "log in to the registry of the base image"],
  [/unknown (instruction|flag)|invalid mount/i, "this builder is too old for the Dockerfile: build with BuildKit"],
  [/manifest unknown|name unknown|not found: manifest/i, "check the name and tag of the base image in the Dockerfile"],
];
