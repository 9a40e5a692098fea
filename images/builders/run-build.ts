import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ExecaError } from "execa";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits } from "../../common/process-group.ts";
import { programFailure } from "../../common/program.ts";
import { hiderOf } from "../build-secrets.ts";
import { fixForBuild } from "./build-fixes.ts";
import type { BuildProps } from "./builder.ts";

const lastLines = 15;

/** Compilers may print nothing for a long time, but every build must end: others wait for its slot. */
const limits: TimeLimits = { idleMs: 3_600_000, totalMs: 6 * 3_600_000 };

/** Runs a build, and passes on its output line by line. The error of a failed build has its last lines. */
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

/** A builder's output without what only its developers need. */
export const forPeople = (lines: readonly string[]) =>
  lines
    .filter((line) => !/^time="[^"]*" level=/.test(line))
    .map((line) => line.replace(/^Error: /, "").replace(/ &imagebuilder\.Step\{.*$/, ""));
