import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";
import { OperatorError } from "../../operator/errors.ts";
import { interrupted } from "../../operator/interrupt.ts";
import { fixFor, type KnownFixes } from "../known-fixes.ts";
import type { Repository } from "./repository.ts";

/** No program that a repository, or a template, brings along runs here. */
const config = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "fetch.recurseSubmodules=false",
  "submodule.recurse=false",
  // The files are the same wherever they are checked out.
  "core.autocrlf=false",
  "core.eol=lf",
  "gc.auto=0",
  "maintenance.auto=false",
  // What does not have the digest that it is asked for by is noticed.
  "fetch.fsckObjects=true",
  // History of real projects has such faults; they harm nobody.
  ...["zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone"].map((fault) => `fetch.fsck.${fault}=ignore`),
];

const environment = [
  "GIT_TERMINAL_PROMPT",
  "GIT_ALLOW_PROTOCOL",
  "GIT_LFS_SKIP_SMUDGE",
  "GIT_SSH_COMMAND",
  "GIT_ASKPASS",
  "GIT_LOGIN_USER",
  "GIT_LOGIN_PASSWORD",
];

/**
 * Git in a folder, for one repository. It asks nobody anything, runs no hook, and takes no way but that of the repository. The
 * user's own settings hold, so that his logins do.
 *
 * @param own a folder that nobody else can read, for a program that tells git the credentials.
 */
export function gitFor({ protocol, credentials }: Repository, folder: string, own: string): SimpleGit {
  const git = simpleGit({
    baseDir: folder,
    abort: interrupted,
    config,
    allowEnvironment: environment,
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
    },
  });
  const ssh = process.env.GIT_SSH_COMMAND ?? "ssh";
  return git.env({
    ...withoutGit(process.env),
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes`,
    LC_ALL: "C",
    ...(credentials ? askedFor(credentials, own) : {}),
  });
}

/** Git sends credentials only to who asks for them, and no list of processes shows them. */
function askedFor({ user, password }: NonNullable<Repository["credentials"]>, own: string): Record<string, string> {
  const program = join(own, "login");
  const script = `#!/bin/sh\ncase "$1" in Username*) printf %s "$GIT_LOGIN_USER" ;; *) printf %s "$GIT_LOGIN_PASSWORD" ;; esac\n`;
  writeFileSync(program, script, { mode: 0o700 });
  return { GIT_ASKPASS: program, GIT_LOGIN_USER: user, GIT_LOGIN_PASSWORD: password };
}

/** A hook that calls us has set where its own repository is. */
const withoutGit = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GIT_|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX)/.test(name)),
  );

/** What git says when it fails, as an error that the operator can read. */
export function gitFailure(what: string, error: unknown): unknown {
  if (interrupted.aborted || !(error instanceof Error) || error instanceof OperatorError) return error;
  const words = error.message
    .split("\n")
    .filter((line) => /^(fatal|error|remote|ssh|hint: .*ambiguous)|denied|[Nn]o space/.test(line))
    .slice(0, 5);
  const cause = words.join("\n        ") || error.message.trim();
  return new OperatorError(what, { cause, fix: fixFor(cause, fixes) });
}

const fixes: KnownFixes = [
  [
    /could not read (Username|Password)|Authentication failed|HTTP.* 40[13]/i,
    "log in: put USER:TOKEN@ into the URL, or give git a credential helper",
  ],
  [
    /Permission denied \(|Host key verification failed/,
    "ssh must reach the host without a question: add your key to ssh-agent, and the host to known_hosts",
  ],
  [
    /not found|does not exist|not appear to be a git repository|unable to find remote helper/i,
    "check the URL; where it is private, log in",
  ],
  [
    /Could not resolve host|Connection (refused|timed out)|unable to (connect|access)/i,
    "check the host's name, and that it can be reached from here",
  ],
  [/No space left/i, "free some disk space; TMPDIR names the folder that is used"],
  [/transport '.*' not allowed/, "a submodule's URL takes a way other than the repository's own; that is refused"],
];
