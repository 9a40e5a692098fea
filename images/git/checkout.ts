import { chmodSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError, PermanentError } from "../../common/errors.ts";
import type { TimeLimits } from "../../common/process-group.ts";
import { shownInLine } from "../../common/shown.ts";
import type { Repository } from "../../config/git-repository.ts";
import { type Git, gitFailure, gitFor, notGit } from "./git.ts";
import { chooseRef, fullName, parseRefs, type Ref } from "./refs.ts";
import { entriesOf, nameOf, pathOf, refuseDangerousTree } from "./tree.ts";

/** One commit of a repository, and the ref that was asked for. */
export interface Source {
  readonly repository: Repository;
  readonly kind: "tag" | "branch" | "commit";
  /** Of the tag or branch; for a commit, its full hash. */
  readonly name: string;
  /** The full hash. */
  readonly commit: string;
}

export interface CheckoutProps {
  readonly source: Source;
  /** A new folder that nobody else can read. */
  readonly folder: string;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
  /** How long to wait for the server. */
  readonly limits?: TimeLimits;
}

export interface WorkTree {
  readonly source: Source;
  /** All files of the commit, without git's own. */
  readonly folder: string;
  /** The commit's date, in seconds since 1970. */
  readonly committedSec: number;
  /** What a reader of the Dockerfile would expect, and is missing. */
  readonly warnings: readonly string[];
}

/** Larger files are not fetched. A Dockerfile that needs one can download it. */
const largestFileBytes = 2 * 1024 ** 3;

/** All commits without files, which takes seconds even for a long history. */
const commitsOnly = [
  "--progress",
  "--filter=tree:0",
  "--no-tags",
  "origin",
  "+refs/heads/*:refs/heads/*",
  "+refs/tags/*:refs/tags/*",
];

/**
 * Finds the commit that a ref means now.
 *
 * @param folder a new one that nobody else can read
 * @throws OperatorError if the ref does not exist or is ambiguous, with all its meanings
 */
export async function resolveSource(
  repository: Repository,
  wanted: string,
  folder: string,
  limits?: TimeLimits,
): Promise<Source> {
  const refs = await listRefs(repository, folder, limits);
  const choice = chooseRef(wanted, refs);
  if (choice.kind !== "commit") return { repository, kind: choice.kind, name: choice.name, commit: choice.commit };
  const { prefix } = choice;
  const hashLength = refs[0]?.commit.length ?? prefix.length;
  const isTip = prefix.length === hashLength && refs.some(({ commit }) => commit === prefix);
  const options = { tree: join(folder, "commits"), hashLength, limits };
  const commit = isTip
    ? prefix
    : await findCommit(await newRepository(repository, folder, options), prefix, repository);
  return { repository, kind: "commit", name: commit, commit };
}

/**
 * Lists all tags and branches.
 *
 * @param folder a new one that nobody else can read
 */
export async function listRefs(repository: Repository, folder: string, limits?: TimeLimits): Promise<Ref[]> {
  const { url, protocol } = repository;
  const failure = `cannot read the refs of ${url}`;
  mkdirSync(folder, { recursive: true });
  // Outside any repository: that would fix a hash format, and the server may use another.
  const git = await gitFor(repository, folder, folder, limits);
  const refs = parseRefs(await orFail(failure, git.afar("ls-remote", "--tags", "--heads", "--", url)));
  const isGit = refs.length > 0 || !/^http/.test(protocol) || (await orFail(failure, git.speaks(url)));
  if (!isGit) throw new OperatorError(failure, { cause: "what answers there is not git", fix: notGit });
  return refs;
}

/** Searches all commits that refs lead to. */
async function findCommit(git: Git, prefix: string, { url }: Repository): Promise<string> {
  await orFail(`cannot fetch the commits of ${url}`, fetch(git, commitsOnly));
  const all = (await git.raw("rev-list", "--all")).split("\n");
  const found = all.filter((commit) => commit.startsWith(prefix));
  if (found.length === 1) return found[0] as string;
  if (found.length === 0) {
    throw new OperatorError(`no branch or tag of ${url} leads to a commit ${prefix}`, {
      fix: "check the hash; if the commit is new, push a branch that has it",
    });
  }
  throw new OperatorError(`'${prefix}' is ambiguous`, {
    cause: `it is the start of ${found.length} commits: ${found.slice(0, 5).join(", ")}`,
    fix: "give more of the hash",
  });
}

/**
 * Makes a work tree of exactly one commit, without its history. Runs nothing from the repository.
 *
 * @throws OperatorError if the commit cannot be fetched, or its tree is not safe to build from
 */
export async function checkOut({
  source,
  folder,
  submodules = false,
  lfs = false,
  limits,
}: CheckoutProps): Promise<WorkTree> {
  const { repository, commit } = source;
  const tree = join(folder, "tree");
  mkdirSync(tree);
  const git = await newRepository(repository, folder, { tree, hashLength: commit.length, limits });
  await fetchCommit(git, source);
  await refuseLargeFiles(git, commit);
  await orFail(`cannot check out ${commit}`, git.afar("checkout", "--progress", "--detach", commit, "--"));
  if (submodules)
    await orFail(
      "cannot fetch the submodules",
      git.afar("submodule", "update", "--progress", "--init", "--recursive", "--depth=1"),
    );
  if (lfs) await pullLfs(git, source.repository, tree);
  const committedSec = Number(await git.raw("show", "--no-patch", "--format=%ct", commit));
  const warnings = [...(submodules ? [] : await missingSubmodules(git, commit)), ...missingLfsFiles(tree, lfs)];
  normalize(tree);
  refuseDangerousTree(tree);
  return { source, folder: tree, committedSec, warnings };
}

/** An empty repository that knows where to fetch from; its URL has no credentials. */
async function newRepository(
  repository: Repository,
  own: string,
  { tree, hashLength, limits }: { readonly tree: string; readonly hashLength: number; readonly limits?: TimeLimits },
): Promise<Git> {
  mkdirSync(tree, { recursive: true });
  const git = await gitFor(repository, tree, own, limits);
  const format = hashLength === 64 ? "sha256" : "sha1";
  // Without templates: the user's could add hooks and attributes.
  await git.raw("init", "--quiet", "--initial-branch=build", "--template=", `--object-format=${format}`);
  await git.raw("remote", "add", "--", "origin", repository.url);
  return git;
}

/**
 * Git checks objects as they arrive. In a partial fetch it ignores the exceptions from these checks, so a history with such
 * faults is fetched unchecked, and checked with the exceptions afterwards.
 */
async function fetch(git: Git, args: readonly string[]): Promise<void> {
  try {
    await git.afar("fetch", ...args);
  } catch (error) {
    if (!/fsck error/.test(String((error as Error).message))) throw error;
    await git.afar("-c", "fetch.fsckObjects=false", "fetch", ...args);
    await git.afar("fsck", "--progress", "--no-dangling", "--no-reflogs");
  }
}

/**
 * Fetches by ref if there is one, because every server allows that; else by hash. If the server refuses hashes, fetches all
 * commits, and git gets the files that it needs later.
 */
async function fetchCommit(git: Git, source: Source): Promise<void> {
  const { kind, name, commit, repository } = source;
  const shallow = ["--progress", "--depth=1", "--no-tags", `--filter=blob:limit=${largestFileBytes}`, "origin"];
  const wanted = kind === "commit" ? commit : fullName({ kind, name, commit });
  const failure = `cannot fetch ${kind} ${name} of ${repository.url}`;
  try {
    await fetch(git, [...shallow, wanted]);
  } catch (error) {
    if (
      kind !== "commit" ||
      !/not our ref|unadvertised object|does not allow request/.test(String((error as Error).message))
    ) {
      throw gitFailure(failure, error);
    }
    await orFail(failure, fetch(git, commitsOnly));
  }
  const fetched = kind === "commit" ? commit : (await git.raw("rev-parse", "FETCH_HEAD^{}")).trim();
  const type = (await git.raw("cat-file", "-t", fetched)).trim();
  if (type !== "commit") {
    throw new PermanentError(`the ${kind} ${name} points to a ${type}, not to a commit`, {
      fix: "build from a tag of a commit, or from a branch",
    });
  }
  if (fetched === commit) return;
  throw new OperatorError(`the ${kind} ${name} moved during the fetch`, {
    cause: `from ${commit} to ${fetched}`,
    fix: "try again",
  });
}

/** Refuses a commit with files that the fetch left out: otherwise git would fetch them one by one at checkout. */
async function refuseLargeFiles(git: Git, commit: string): Promise<void> {
  if ((await git.raw("config", "--default", "", "--get", "remote.origin.partialclonefilter")).trim() === "tree:0")
    return;
  const objects = await git.raw("rev-list", "--objects", "--missing=print", commit, "--");
  const missing = new Set([...objects.matchAll(/^\?([0-9a-f]+)$/gm)].map(([, object]) => object));
  if (missing.size === 0) return;
  const entries = (await git.raw("ls-tree", "-r", "-z", commit)).split("\0");
  const large = entries.filter((entry) => missing.has(entry.slice(12, 12 + commit.length)));
  throw new OperatorError("the commit has files that are too large to build from", {
    cause: `over ${largestFileBytes / 1024 ** 3} GiB: ${large.map((entry) => shownInLine(entry.slice(entry.indexOf("\t") + 1))).join(", ")}`,
    fix: "keep them elsewhere (git LFS, a bucket), and let the Dockerfile fetch what it needs",
  });
}

/** What `git lfs install` configures: without it, LFS changes no files. */
const lfsFilter = [
  "process=git-lfs filter-process",
  "smudge=git-lfs smudge -- %f",
  "clean=git-lfs clean -- %f",
].flatMap((setting) => ["-c", `filter.lfs.${setting}`]);

/** The repository says where LFS keeps its files, and git's own limit of protocols does not apply to that. */
async function pullLfs(git: Git, { protocol }: Repository, tree: string): Promise<void> {
  // If .lfsconfig were a link, LFS would read files of this machine.
  refuseDangerousTree(tree);
  const failure = "cannot fetch the Git LFS files";
  const told = await orFail(failure, git.afar("lfs", "env"));
  const ways = [...told.matchAll(/^Endpoint.*?=(\w+):|^\s+(SSH)=/gm)].map(
    ([, scheme, ssh]) => scheme ?? ssh?.toLowerCase(),
  );
  const odd = ways.find((way) => way !== "https" && way !== protocol);
  if (odd) {
    throw new OperatorError(failure, {
      cause: `.lfsconfig uses a protocol other than the repository's own: ${odd}`,
      fix: `name a place there that is reached over ${protocol === "https" ? "https" : `${protocol} or https`}`,
    });
  }
  await orFail(failure, git.afar(...lfsFilter, "lfs", "pull"));
}

/**
 * Makes a tree the same on every machine, for `COPY . .`: without git's own files, and with the modes that git stores, whatever
 * the umask.
 */
function normalize(tree: string): void {
  chmodSync(tree, 0o755);
  for (const { path, stat } of entriesOf(tree)) {
    const bytes = pathOf(path);
    if (/\/\.git$/.test(path)) rmSync(bytes, { recursive: true });
    else if (stat.isDirectory()) chmodSync(bytes, 0o755);
    else if (stat.isFile()) chmodSync(bytes, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

async function missingSubmodules(git: Git, commit: string): Promise<string[]> {
  const entries = (await git.raw("ls-tree", "-r", "-z", commit)).split("\0");
  const paths = entries
    .filter((entry) => entry.startsWith("160000 "))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1));
  return warning(paths, "submodules are left empty", "--submodules, or `submodules: true`, fetches them");
}

const lfsPointer = "version https://git-lfs.github.com/spec/v1";

/** A pointer has a few hundred bytes at most. */
function missingLfsFiles(tree: string, lfs: boolean): string[] {
  const paths = [...entriesOf(tree)]
    .filter(({ stat }) => stat.isFile() && stat.size < 1024)
    .filter(({ path }) => readFileSync(pathOf(path), "latin1").startsWith(lfsPointer))
    .map(({ path }) => nameOf(path.slice(Buffer.from(tree).length + 1)));
  const fix = lfs ? "see lfs.fetchexclude in .lfsconfig" : "--lfs, or `lfs: true`, fetches them";
  return warning(paths, "Git LFS files are only pointers", fix);
}

function warning(paths: readonly string[], what: string, fix: string): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return [`${what}: ${paths.slice(0, 3).map(shownInLine).join(", ")}${more}; ${fix}`];
}

async function orFail<T>(what: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw gitFailure(what, error);
  }
}
