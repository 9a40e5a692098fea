import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ExecaError } from "execa";
import { OperatorError } from "../../operator/errors.ts";
import { interrupted } from "../../operator/interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits } from "../../operator/process-group.ts";
import { programFailure } from "../../operator/program.ts";
import { hiderOf } from "../build-secrets.ts";
import { fixForBuild } from "./build-fixes.ts";
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
    const words = forPeople(tail);
    throw new OperatorError("the build failed", {
      cause: words.join("\n        "),
      fix: fixForBuild(words.join("\n")),
    });
  }
}

/** Lines of a builder without what is for the people who make it. */
export const forPeople = (lines: readonly string[]) =>
  lines
    .filter((line) => !/^time="[^"]*" level=/.test(line))
    .map((line) => line.replace(/^Error: /, "").replace(/ &imagebuilder\.Step\{.*$/, ""));
