import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../../operator/errors.ts";
import type { Patience } from "../../operator/process-group.ts";
import { shownInLine } from "../../operator/shown.ts";
import { type Git, gitFailure, gitFor } from "./git.ts";
import { chooseRef, fullName, parseRefs, type Ref } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { refuseDangerousTree } from "./tree.ts";

/** One commit of a repository, and what it was asked for by. */
export interface Source {
  readonly repository: Repository;
  readonly kind: "tag" | "branch" | "commit";
  /** The tag's or the branch's, or the commit's whole hash. */
  readonly name: string;
  /** Its whole hash. */
  readonly commit: string;
}

export interface CheckoutProps {
  readonly source: Source;
  /** A new folder that nobody else can read. */
  readonly folder: string;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
  /** How long to wait for the server. */
  readonly patience?: Patience;
}

export interface WorkTree {
  readonly source: Source;
  /** All files of the commit, without git's own. */
  readonly folder: string;
  /** The commit's date, in seconds since 1970. */
  readonly committedSec: number;
}

/** No file of a repository that is larger than this is fetched. A Dockerfile that needs one downloads it. */
const largestFileBytes = 2 * 1024 ** 3;

/** Every commit, and no file yet: also of a long history that takes seconds. */
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
 * @throws OperatorError for a ref that is not there, or that may mean several things, with all of them
 */
export async function resolveSource(
  repository: Repository,
  wanted: string,
  folder: string,
  patience?: Patience,
): Promise<Source> {
  const git = await newRepository(repository, folder, { patience });
  const refs = await refsOf(git, repository);
  const choice = chooseRef(wanted, refs);
  if (choice.kind !== "commit") return { repository, kind: choice.kind, name: choice.name, commit: choice.commit };
  const tips = refs.filter(({ commit }) => commit.startsWith(choice.prefix));
  const isWhole = choice.prefix.length === 40;
  const commit = isWhole && tips.length > 0 ? choice.prefix : await findCommit(git, choice.prefix, repository);
  return { repository, kind: "commit", name: commit, commit };
}

/**
 * Asks for all tags and branches.
 *
 * @param folder a new one that nobody else can read
 */
export async function listRefs(repository: Repository, folder: string, patience?: Patience): Promise<Ref[]> {
  return refsOf(await newRepository(repository, folder, { patience }), repository);
}

async function refsOf(git: Git, { url }: Repository): Promise<Ref[]> {
  return parseRefs(
    await orFail(`cannot read the refs of ${url}`, git.afar("ls-remote", "--tags", "--heads", "origin")),
  );
}

/** Looks through all commits that refs lead to. */
async function findCommit(git: Git, prefix: string, { url }: Repository): Promise<string> {
  await orFail(`cannot fetch the commits of ${url}`, git.afar("fetch", ...commitsOnly));
  const all = (await git.raw("rev-list", "--all")).split("\n");
  const found = all.filter((commit) => commit.startsWith(prefix));
  if (found.length === 1) return found[0] as string;
  if (found.length === 0) throw new OperatorError(`no branch or tag of the repository leads to a commit ${prefix}`);
  throw new OperatorError(`'${prefix}' is ambiguous`, {
    cause: `it begins ${found.length} commits: ${found.slice(0, 5).join(", ")}`,
    fix: "give more of the hash",
  });
}

/**
 * Makes a work tree of exactly one commit, with no more of the history than that. Nothing that the repository brings runs.
 *
 * @throws OperatorError for a commit that cannot be had, and for a tree that is not safe to build from
 */
export async function checkOut({
  source,
  folder,
  submodules = false,
  lfs = false,
  patience,
}: CheckoutProps): Promise<WorkTree> {
  const { repository, commit } = source;
  const tree = join(folder, "tree");
  mkdirSync(tree);
  const git = await newRepository(repository, folder, { tree, patience });
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
  normalize(tree);
  refuseDangerousTree(tree);
  return { source, folder: tree, committedSec };
}

/** An empty repository that knows where to fetch from; its URL has no credentials. */
async function newRepository(
  repository: Repository,
  own: string,
  { tree = join(own, "refs"), patience }: { readonly tree?: string; readonly patience?: Patience },
): Promise<Git> {
  mkdirSync(tree, { recursive: true });
  const git = gitFor(repository, tree, own, patience);
  await git.raw("init", "--quiet", "--initial-branch=build");
  await git.raw("remote", "add", "--", "origin", repository.url);
  return git;
}

/**
 * By its ref if it has one, for every server gives that; else by its hash, which some do not. Then the commits lead there, and
 * git fetches the files that it needs.
 */
async function fetchCommit(git: Git, source: Source): Promise<void> {
  const { kind, name, commit, repository } = source;
  const shallow = [
    "fetch",
    "--progress",
    "--depth=1",
    "--no-tags",
    `--filter=blob:limit=${largestFileBytes}`,
    "origin",
  ];
  const wanted = kind === "commit" ? commit : fullName({ kind, name, commit });
  const failure = `cannot fetch ${kind} ${name} of ${repository.url}`;
  try {
    await git.afar(...shallow, wanted);
  } catch (error) {
    if (
      kind !== "commit" ||
      !/not our ref|unadvertised object|does not allow request/.test(String((error as Error).message))
    ) {
      throw gitFailure(failure, error);
    }
    await orFail(failure, git.afar("fetch", ...commitsOnly));
  }
  const fetched = kind === "commit" ? commit : (await git.raw("rev-parse", "FETCH_HEAD^{commit}")).trim();
  if (fetched === commit) return;
  throw new OperatorError(`the ${kind} ${name} has moved while it was fetched`, {
    cause: `from ${commit} to ${fetched}`,
    fix: "try again",
  });
}

/** Files that the server was asked to leave out are missing: git must not fetch them one by one when it needs them. */
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

/** Where LFS keeps files is the repository's to say, and git's own limit of ways does not hold for it. */
async function pullLfs(git: Git, { protocol }: Repository, tree: string): Promise<void> {
  // A link in the place of .lfsconfig would have it read files of this machine.
  refuseDangerousTree(tree);
  const failure = "cannot fetch the files that git LFS keeps";
  const told = await orFail(failure, git.raw("lfs", "env"));
  const ways = [...told.matchAll(/^Endpoint.*?=(\w+):|^\s+(SSH)=/gm)].map(
    ([, scheme, ssh]) => scheme ?? ssh?.toLowerCase(),
  );
  const odd = ways.find((way) => way !== "https" && way !== protocol);
  if (odd) {
    throw new OperatorError(failure, {
      cause: `.lfsconfig takes a way other than the repository's own: ${odd}`,
      fix: `name a place there that is reached over ${protocol === "https" ? "https" : `${protocol} or https`}`,
    });
  }
  await orFail(failure, git.afar("lfs", "pull"));
}

/**
 * Makes a tree the same wherever it is checked out, for `COPY . .`: without git's own files, and with the modes that git knows,
 * whatever the umask.
 */
function normalize(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const stat = lstatSync(path);
    if (entry === ".git") rmSync(path, { recursive: true });
    else if (stat.isDirectory()) normalize(path);
    else if (stat.isFile()) chmodSync(path, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  chmodSync(folder, 0o755);
}

async function orFail(what: string, result: Promise<string>): Promise<string> {
  try {
    return await result;
  } catch (error) {
    throw gitFailure(what, error);
  }
}
