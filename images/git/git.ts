import { realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ExecaError } from "execa";
import { withoutLogins } from "../../operator/addresses.ts";
import { OperatorError } from "../../operator/errors.ts";
import { interrupted } from "../../operator/interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits, tooLong } from "../../operator/process-group.ts";
import { type Retries, withRetries } from "../../operator/retries.ts";
import { fixFor, type KnownFixes } from "../known-fixes.ts";
import type { Repository } from "./repository.ts";
import { keptSettings } from "./settings.ts";

/** Git, in one folder. */
export interface Git {
  /** Runs it on what is here. @returns what it printed */
  raw(...args: string[]): Promise<string>;
  /** Runs it on what is elsewhere: it is given up when nothing comes. @returns what it printed */
  afar(...args: string[]): Promise<string>;
  /** Whether what answers at a URL speaks git's protocol; git itself takes a page without any line for an empty repository. */
  speaks(url: string): Promise<boolean>;
}

/** A server that starts anew, or a line that breaks, is back within seconds. */
export const gitRetries: Retries = { attempts: 4, firstPause: 1, longestPause: 8 };

/** How long to wait for a server. It has to say something all the time, and cannot take for ever by saying a little. */
export const usualLimits: TimeLimits = { idleMs: 60_000, totalMs: 3_600_000 };

/** Of how commits and tags are written. What a name or a tree could do harm by is not among them. */
const harmlessFaults = [
  ...["badDate", "badDateOverflow", "zeroPaddedDate", "badTimezone", "missingSpaceBeforeDate"],
  ...["badEmail", "missingEmail", "missingSpaceBeforeEmail", "badName", "missingNameBeforeEmail", "multipleAuthors"],
  ...["badTagName", "missingTaggerEntry", "nulInCommit", "zeroPaddedFilemode"],
];

/** No program that a repository, or a template, brings along runs here. */
const config = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "fetch.recurseSubmodules=false",
  "submodule.recurse=false",
  // The files are the same wherever they are checked out.
  "core.autocrlf=false",
  "core.eol=lf",
  "core.askPass=",
  "gc.auto=0",
  "maintenance.auto=false",
  // What does not have the digest that it is asked for by is noticed.
  "fetch.fsckObjects=true",
  // History of real projects has such faults; they harm nobody.
  ...harmlessFaults.map((fault) => `fsck.${fault}=ignore`),
  "core.attributesFile=/dev/null",
];

/** Names the file that holds the login. */
const loginFile = "REGISTRY_CLUSTER_GIT_LOGIN";

/**
 * Git in a folder, for one repository. It asks nobody anything, runs no hook, and takes no way but that of the repository. Of the
 * user's own settings those hold that lead to a server, so that his logins do.
 *
 * @param own a folder that nobody else can read, for the credentials
 */
export async function gitFor(
  { protocol, url, credentials }: Repository,
  folder: string,
  own: string,
  limits = usualLimits,
): Promise<Git> {
  const settings = credentials ? [...config, ...boundTo(new URL(url).origin)] : config;
  const base = withoutGit(process.env);
  const { file, sshCommand } = await keptSettings(own, base);
  const ssh = process.env.GIT_SSH_COMMAND ?? sshCommand ?? "ssh";
  const env = {
    ...base,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: file,
    GIT_ATTR_NOSYSTEM: "1",
    // A repository around the folder is none of ours.
    GIT_CEILING_DIRECTORIES: dirname(realpathSync(folder)),
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_LFS_FORCE_PROGRESS: "1",
    GIT_ASKPASS: "",
    // The agent is lent to no host, whatever the user's settings lend it to.
    GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes -o ConnectTimeout=30 -o ForwardAgent=no -o ClearAllForwardings=yes`,
    LC_ALL: "C",
    ...(credentials ? { [loginFile]: writeLogin(credentials, own) } : {}),
  };
  const git = async (limits: TimeLimits, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    interrupted.throwIfAborted();
    const { end } = startGroup(
      "git",
      [...settings.flatMap((setting) => ["-c", setting]), ...args],
      {
        cwd: folder,
        env: { ...env, ...more },
        extendEnv: false,
        stdin: "ignore",
        stripFinalNewline: false,
        cancelSignal: interrupted,
      },
      limits,
    );
    return (await end) as { readonly stdout: string; readonly stderr: string };
  };
  return {
    raw: async (...args) => {
      try {
        return (await git({}, args)).stdout;
      } catch (error) {
        throw gitFailure(`git ${args[0]} fails here`, error);
      }
    },
    afar: async (...args) => (await again((left) => git(left, args), limits)).stdout,
    speaks: async (url) => {
      const asked = ["ls-remote", "--", url];
      return /packet: /.test((await again((left) => git(left, asked, { GIT_TRACE_PACKET: "1" }), limits)).stderr);
    },
  };
}

/** Repeats what a server or the way to it has broken off; all attempts together have the time of one. */
function again<Result>(ask: (left: TimeLimits) => Promise<Result>, limits: TimeLimits): Promise<Result> {
  const { idleMs, totalMs } = limits;
  const begun = Date.now();
  const attempt = async () => {
    try {
      return await ask({ idleMs, totalMs: totalMs && Math.max(1, totalMs - (Date.now() - begun)) });
    } catch (error) {
      throw error instanceof TimeLimitError && !error.isSilence ? tooLong(totalMs as number) : error;
    }
  };
  return withRetries(attempt, pauseAfter, gitRetries);
}

/** A wrong name, a refused login, and an address where nobody listens stay as they are. */
function pauseAfter(error: unknown): number | undefined {
  if (error instanceof TimeLimitError) return error.isSilence ? 0 : undefined;
  const words = error instanceof ExecaError ? String(error.stderr) : "";
  return passing.test(words) && !/denied|not exported|not found|[Aa]uthentication failed/.test(words) ? 0 : undefined;
}

/**
 * Git's own settings that tell the login to one scheme, host and port only: to whatever else a redirect, a submodule or LFS leads,
 * git asks the user's helpers. Those do not learn this login, for they would keep it. No list of processes shows it.
 *
 * @param origin `https://HOST:PORT`
 */
const boundTo = (origin: string) => [
  `credential.${origin}.helper=`,
  `credential.${origin}.helper=!f() { test "$1" = get && cat "$${loginFile}"; }; f`,
];

/** As git's credential helpers tell one. */
function writeLogin({ user, password }: NonNullable<Repository["credentials"]>, own: string): string {
  const file = join(own, "login");
  writeFileSync(file, `username=${user}\npassword=${password}\n`, { mode: 0o600 });
  return file;
}

/** A hook that calls us has set where its own repository is. */
const withoutGit = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GIT_|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX)/.test(name)),
  );

/** What git says while all is well. */
const progress =
  /^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating|Total|Filtering)\b|^remote:$/;

/** What git says when it fails, as an error that the operator can read. */
export function gitFailure(what: string, error: unknown): unknown {
  if (error instanceof TimeLimitError) {
    const fix = "check that the server is well: git ls-remote with its URL shows what it says";
    return new OperatorError(what, { cause: `the server was given up: ${error.message}`, fix });
  }
  if (interrupted.aborted || !(error instanceof ExecaError)) return error;
  if (error.code === "ENOENT") return new OperatorError(what, { cause: "there is no git here", fix: "install git" });
  const silence = `git ended with ${error.exitCode ?? error.signal}, and said nothing`;
  const printed = String(error.stderr || error.stdout || silence)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !progress.test(line));
  const telling = printed.filter((line) => /^(fatal|error|remote|ssh|hint: .*ambiguous)|denied|[Nn]o space/.test(line));
  const words = [...new Set(telling)].slice(0, 5);
  const cause = withoutLogins((words.length > 0 ? words : printed.slice(-5)).join("\n        "));
  return new OperatorError(what, { cause, fix: fixFor(cause, fixes) ?? usualFix });
}

export const notGit =
  "the URL leads to something else than git, a login page for example: check it, and log in where it is private";

/** What git says of a server that fails, or of a connection that breaks. */
const passing =
  /returned error: (408|429|5\d\d)|HTTP (408|429|5\d\d)|RPC failed|early EOF|hung up|Empty reply|[Cc]onnection (was )?reset|unexpected disconnect|transfer closed|Operation too slow|Broken pipe|recv error|SSL_read|Connection closed by/;

const usualFix = "see what git says above; git ls-remote with the URL shows whether the repository can be read";

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
    /batch response|Failed to fetch some objects/,
    "push what LFS keeps to the server: git lfs push --all REMOTE; where the repository is private, log in",
  ],
  [
    /not found|does not exist|not exported|not appear to be a git repository|unable to find remote helper/i,
    "check the URL; where it is private, log in",
  ],
  [/certificate/i, "have git trust the server's authority: git config --global http.sslCAInfo FILE"],
  [
    /gnutls_handshake|wrong version number|SSL_ERROR_SYSCALL|unexpected TLS packet/i,
    "the server speaks no TLS there: check the port, and http or https in the URL",
  ],
  [passing, "the git server fails, or the connection to it does: see the server's log, and try again"],
  [
    /Could not resolve host|Connection (refused|timed out)|unable to (connect|access)/i,
    "check the host's name, and that it can be reached from here",
  ],
  [/info\/refs not valid|unable to update url base from redirection/i, notGit],
  [/No space left/i, "free some disk space; TMPDIR names the folder that is used"],
  [/transport '.*' not allowed/, "a submodule's URL takes a way other than the repository's own; that is refused"],
];
