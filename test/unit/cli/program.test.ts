import type { Command } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../../../cli/program.ts";
import { reportOf } from "../../../cli/report.ts";

/** Every command, with the words that lead to it. */
function commandsOf(command: Command, words: readonly string[] = []): (readonly [words: string, command: Command])[] {
  const below = command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]));
  return [[["registry-cluster", ...words].join(" "), command], ...below];
}

/** Runs a command line in this process. */
async function run(line: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const [, ...args] = line.split(" ");
  const exitCode = await createProgram()
    .parseAsync(args, { from: "user" })
    .then(
      () => 0,
      (error: unknown) => reportOf(error).exitCode,
    );
  return { exitCode, stdout: stdout.mock.calls.join(""), stderr: stderr.mock.calls.join("") };
}

afterEach(() => vi.restoreAllMocks());

const commands = commandsOf(createProgram());

describe.each(commands)("%s", (words, command) => {
  it("has a description", () => {
    expect(command.description()).not.toBe("");
  });

  it("describes every option and argument", () => {
    const inputs = [...command.options, ...command.registeredArguments];
    expect(inputs.filter(({ description }) => !description)).toEqual([]);
  });

  it("prints its help on standard output, and ends with 0", async () => {
    const { exitCode, stdout, stderr } = await run(`${words} --help`);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: ${words} `);
    expect(stderr).toBe("");
  });

  it("ends with 2 for an option that there is not", async () => {
    const needed = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => ` ${long} any`);
    const { exitCode, stdout, stderr } = await run(`${words}${needed.join("")} --no-such-option`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("error: unknown option '--no-such-option'");
    expect(stdout).toBe("");
  });
});

describe("a command line that is wrong", () => {
  it.each([
    ["registry-cluster strat", "(Did you mean start?)"],
    ["registry-cluster lab staus", "(Did you mean status?)"],
    ["registry-cluster access user lst", "(Did you mean list?)"],
    ["registry-cluster lab up --http-port 1", "(Did you mean --https-port?)"],
  ])("is answered with what may have been meant: %s", async (line, suggestion) => {
    const { exitCode, stderr } = await run(line);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(suggestion);
  });

  it.each(["0", "65536", "-1", "1.5", "https", ""])("is one with the port '%s'", async (port) => {
    const { exitCode, stderr } = await run(`registry-cluster start --https-port=${port}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("a port from 1 to 65535");
  });

  it.each(["-1", "1.5", "slow", "1000000000"])("is one with the seed '%s'", async (seed) => {
    const { exitCode, stderr } = await run(`registry-cluster start --as-on-aws=${seed}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("a seed is a whole number below 1000000000");
  });

  it.each(["--secret s3cr3t-value", "--build-arg s3cr3t-value"])(
    "is not repeated where it may hold a secret: %s",
    async (option) => {
      const { exitCode, stdout, stderr } = await run(`registry-cluster image build . --ref v1 ${option}`);
      expect(exitCode).toBe(2);
      expect(stdout + stderr).not.toContain("s3cr3t");
    },
  );

  it("is one without a command, which is answered with the help", async () => {
    const { exitCode, stderr } = await run("registry-cluster");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Usage: registry-cluster");
  });

  it("is one without the node whose log is wanted", async () => {
    const { exitCode, stderr } = await run("registry-cluster lab logs");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing required argument 'node'");
  });
});
