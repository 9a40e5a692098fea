import { realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ExecaError } from "execa";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { startGroup, TimeLimitError, type TimeLimits, tooLong } from "../../common/process-group.ts";
import { type Retries, withRetries } from "../../common/retries.ts";
import { withoutLogins } from "../../common/url-logins.ts";
import type { Repository } from "../../config/git-repository.ts";
import { fixFor, type KnownFixes } from "../known-fixes.ts";
import { keptSettings } from "./settings.ts";

/** Git, in one folder. */
export interface Git {
  /** Runs git without a network. @returns what it printed */
  raw(...args: string[]): Promise<string>;
  /** Runs git against a server, with time limits and retries. @returns what it printed */
  afar(...args: string[]): Promise<string>;
  /** Whether what answers at a URL speaks git's protocol; git itself takes an empty page for an empty repository. */
  speaks(url: string): Promise<boolean>;
}

/** A restarted server or a broken connection is back within seconds. */
export const gitRetries: Retries = { attempts: 4, firstPause: 1, longestPause: 8 };

/** How long to wait for a server: it must keep sending, and must finish in time. */
export const usualLimits: TimeLimits = { idleMs: 60_000, totalMs: 3_600_000 };

/** Faults in how commits and tags are written. Those that could do harm, in names or trees, are not among them. */
const harmlessFaults = [
  ...["badDate", "badDateOverflow", "zeroPaddedDate", "badTimezone", "missingSpaceBeforeDate"],
  ...["badEmail", "missingEmail", "missingSpaceBeforeEmail", "badName", "missingNameBeforeEmail", "multipleAuthors"],
  ...["badTagName", "missingTaggerEntry", "nulInCommit", "zeroPaddedFilemode"],
];

/** No program from a repository or a template may run. */
const config = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "fetch.recurseSubmodules=false",
  "submodule.recurse=false",
  // Files must be the same on every machine.
  "core.autocrlf=false",
  "core.eol=lf",
  "core.askPass=",
  "gc.auto=0",
  "maintenance.auto=false",
  // Detects objects that do not match their digest.
  "fetch.fsckObjects=true",
  // Histories of real projects have such faults, which are harmless.
  ...harmlessFaults.map((fault) => `fsck.${fault}=ignore`),
  "core.attributesFile=/dev/null",
];

/** Names the file that holds the login. */
const loginFile = "REGISTRY_CLUSTER_GIT_LOGIN";

/**
 * Git in a folder, for one repository. It never prompts, runs no hooks, and uses only the repository's own protocol. Of the
 * user's own settings it keeps those that lead to a server and log in there.
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
    // A repository that surrounds the folder does not count.
    GIT_CEILING_DIRECTORIES: dirname(realpathSync(folder)),
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_LFS_FORCE_PROGRESS: "1",
    GIT_ASKPASS: "",
    // The ssh agent is never forwarded, whatever the user's settings say.
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
        throw gitFailure(`git ${args[0]} failed`, error);
      }
    },
    afar: async (...args) => (await again((left) => git(left, args), limits)).stdout,
    speaks: async (url) => {
      const asked = ["ls-remote", "--", url];
      return /packet: /.test((await again((left) => git(left, asked, { GIT_TRACE_PACKET: "1" }), limits)).stderr);
    },
  };
}

/** Retries when a server or the connection to it fails; all attempts share one time limit. */
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

/** A retry does not help against a wrong name, a refused login, or an address where nothing listens. */
function pauseAfter(error: unknown): number | undefined {
  if (error instanceof TimeLimitError) return error.isSilence ? 0 : undefined;
  const words = error instanceof ExecaError ? String(error.stderr) : "";
  return passing.test(words) && !/denied|not exported|not found|[Aa]uthentication failed/.test(words) ? 0 : undefined;
}

/**
 * Settings that give the login to one scheme, host and port only: wherever else a redirect, a submodule or LFS leads, git asks
 * the user's helpers. Those do not see this login, because they would store it. Nor does a process list show it.
 *
 * @param origin `https://HOST:PORT`
 */
const boundTo = (origin: string) => [
  `credential.${origin}.helper=`,
  `credential.${origin}.helper=!f() { test "$1" = get && cat "$${loginFile}"; }; f`,
];

/** In the format of git's credential helpers. */
function writeLogin({ user, password }: NonNullable<Repository["credentials"]>, own: string): string {
  const file = join(own, "login");
  writeFileSync(file, `username=${user}\npassword=${password}\n`, { mode: 0o600 });
  return file;
}

/** A git hook that calls us has set variables that name its own repository. */
const withoutGit = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(GIT_|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX)/.test(name)),
  );

/** Git's progress messages. */
const progress =
  /^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating|Total|Filtering)\b|^remote:$/;

/** Turns a failure of git into an error that the operator can read. */
export function gitFailure(what: string, error: unknown): unknown {
  if (error instanceof TimeLimitError) {
    const fix = "check the server: git ls-remote with its URL shows how it answers";
    return new OperatorError(what, { cause: `gave up waiting for the server: ${error.message}`, fix });
  }
  if (interrupted.aborted || !(error instanceof ExecaError)) return error;
  if (error.code === "ENOENT")
    return new OperatorError(what, { cause: "git is not installed here", fix: "install git" });
  const silence = `git ended with ${error.exitCode ?? error.signal}, without a message`;
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
  "the URL leads to something other than git, such as a login page: check it, and log in if the repository is private";

/** Git's messages for a server that fails or a connection that breaks. */
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
    "ssh must connect to the host without prompts: add your key to ssh-agent, and the host to known_hosts",
  ],
  [
    /batch response|Failed to fetch some objects/,
    "push the LFS files to the server: git lfs push --all REMOTE; if the repository is private, log in",
  ],
  [
    /not found|does not exist|not exported|not appear to be a git repository|unable to find remote helper/i,
    "check the URL; if the repository is private, log in",
  ],
  [/certificate/i, "make git trust the server's authority: git config --global http.sslCAInfo FILE"],
  [
    /gnutls_handshake|wrong version number|SSL_ERROR_SYSCALL|unexpected TLS packet/i,
    "the server does not speak TLS there: check the port, and http or https in the URL",
  ],
  [passing, "the git server or the connection to it fails: see the server's log, and try again"],
  [
    /Could not resolve host|Connection (refused|timed out)|unable to (connect|access)/i,
    "check the host's name, and that it can be reached from here",
  ],
  [/info\/refs not valid|unable to update url base from redirection/i, notGit],
  [/No space left/i, "free some disk space; TMPDIR names the folder that is used"],
  [/transport '.*' not allowed/, "a submodule's URL uses a protocol other than the repository's own; that is refused"],
];
