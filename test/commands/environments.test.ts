import { spawnSync } from "node:child_process";
import { mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { execa, type Options } from "execa";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../cli/program.ts";
import { quickCopyOfCheckout, remove, withoutAws } from "../unit/cli/support.ts";

/** Stops commands that would boot machines. */
const noConfig = ["--config", "absent.yml"];

/** How every command is called; a new one must be added here. */
const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  start: noConfig,
  stop: [],
  "lab up": noConfig,
  "lab aws": noConfig,
  "lab env": [],
  "lab down": [],
  "lab status": [],
  "lab logs": ["proxy-1"],
  "lab shell": ["proxy-1"],
  "lab fault": [],
  "lab heal": [],
  "config check": [],
  cost: [],
  "access init": [],
  "access renew": [],
  "access reissue-ca": [],
  "access show": [],
  "access user list": [],
  "access user add": ["ci"],
  "access user remove": ["ci"],
  "access user password": ["ci"],
  "artifacts build": [],
  "artifacts lock": [],
  "image build": ["http://127.0.0.1:9/app.git", "--ref", "v1"],
  "image watch": ["--config", "absent.builds.yml"],
  "image status": ["--url", "http://127.0.0.1:9"],
  preflight: [],
  check: [],
  "review comment": ["--diff", "absent.txt"],
  "review post": ["--diff", "absent.txt"],
  "rollout status": [],
  "rollout pause": [],
  "rollout resume": [],
  "rollout retry": [],
  destroy: ["--auto-approve"],
};

const withKeys = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
const noProxyForNobody = { https_proxy: undefined, NO_PROXY: "", no_proxy: "", AWS_MAX_ATTEMPTS: "1" };

interface Environment extends Options {
  /** A program that starts the command. */
  readonly by?: readonly string[];
}

/** A folder for temporary files on its own full disk. */
const onFullDisk = (folder: string): Environment => ({
  env: { TMPDIR: folder },
  by: [
    ...["unshare", "--mount", "sh", "-c"],
    'mount -t tmpfs -o size=64k full "$TMPDIR" && { head -c 1M /dev/zero > "$TMPDIR/all" 2> /dev/null; exec "$@"; }',
    "sh",
  ],
});

/** Each gets its own folder, in which the commands run. */
const environments: Readonly<Record<string, (folder: string) => Environment>> = {
  "nothing is odd": () => ({}),
  "standard output is on a full disk": () => ({ stdout: openSync("/dev/full", "w") as never }),
  "standard error is on a full disk": () => ({ stderr: openSync("/dev/full", "w") as never }),
  "there is no folder for temporary files": () => ({ env: { TMPDIR: "/dev/null/tmp" } }),
  "the folder for temporary files is full": onFullDisk,
  "there are no programs": () => ({ env: { PATH: "/nonexistent" } }),
  "the home cannot be written to": () => ({ env: { HOME: "/proc" } }),
  "the config is a link to itself": (folder) => {
    symlinkSync("loop.yml", join(folder, "loop.yml"));
    return { env: { CLUSTER_CONFIG: join(folder, "loop.yml") } };
  },
  "there is no such AWS profile": () => ({ env: { AWS_PROFILE: "nope" } }),
  "the proxy is no URL": () => ({ env: { ...withKeys, ...noProxyForNobody, HTTPS_PROXY: "http://[" } }),
  "the proxy does not listen": () => ({ env: { ...withKeys, ...noProxyForNobody, HTTPS_PROXY: "http://127.0.0.1:9" } }),
};

const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
const tried = Object.keys(environments).filter((name) => canMount || environments[name] !== onFullDisk);

const foreign =
  /^ +at |node:internal|\b(E[A-Z]{4,}|ERR_\w+)\b|\berrno\b|syscall|Command failed|Invalid URL|URI malformed|\b(Type|Syntax|Range|Reference|URI|Zod)Error\b|Cannot read prop|is not a function|registry-cluster itself|Unhandled|Error: /m;

/** A status report of a problem is not a failure, and needs no `mend`. */
const mended = /^ *mend: +\S|^ *"fix": "|^the lab '\w+' is not up: /m;

describe("every command", () => {
  let checkout: string;
  let program: string;
  let programs: string;
  beforeAll(async () => {
    checkout = await quickCopyOfCheckout();
    program = join(checkout, "start.mjs");
    programs = join(checkout, "programs");
    mkdirSync(programs);
    for (const name of ["docker", "terraform", "npx"]) {
      writeFileSync(join(programs, name), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    }
  }, 120_000);
  afterAll(() => remove(checkout));

  it("is among those that are tried", () => {
    const leaves = (command: Command, words: readonly string[] = []): string[] =>
      command.commands.length === 0
        ? [words.join(" ")]
        : command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
    expect(Object.keys(argumentsOf).sort()).toEqual(leaves(createProgram()).sort());
  });

  async function run(words: string, { env, by = [], ...options }: Environment, folder: string) {
    const [first = process.execPath, ...others] = [...by, process.execPath];
    const args = [...others, program, ...words.split(" "), ...(argumentsOf[words] as readonly string[])];
    const { exitCode, stdout, stderr } = await execa(first, args, {
      ...{ cwd: folder, reject: false, timeout: 60_000, stdin: "ignore", ...options },
      env: {
        ...withoutAws,
        ...{ PATH: `${programs}:/usr/bin:/bin`, CLUSTER_CONFIG: join(checkout, "cluster.yml"), FORCE_COLOR: undefined },
        REGISTRY_CLUSTER_CACHE: "/dev/null/cache",
        ...env,
      },
    });
    return { words, exitCode, said: `${stderr ?? ""}\n${stdout ?? ""}`, isHeard: stderr !== undefined };
  }

  if (!canMount) it.skip("where the folder for temporary files is full (skipped: unshare may not mount; run as root)");

  it.each(tried)(
    "ends with a code of its own, in our words, and a failure says how to mend it, where %s",
    async (name) => {
      const folder = join(checkout, `in-${name.replaceAll(/\W+/g, "-")}`);
      mkdirSync(folder);
      const limit = pLimit(3);
      const environment = (environments[name] as (folder: string) => Environment)(folder);
      const all = Object.keys(argumentsOf).map((words) => limit(() => run(words, environment, folder)));
      const bad = (await Promise.all(all)).filter(
        ({ exitCode, said, isHeard }) =>
          ![0, 1, 2].includes(exitCode ?? -1) ||
          foreign.test(said) ||
          (exitCode !== 0 && isHeard && !mended.test(said)),
      );
      expect(bad).toEqual([]);
    },
  );
});
