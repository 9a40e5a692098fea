import { OperatorError } from "../../common/errors.ts";

/** A tag or branch of a remote repository. */
export interface Ref {
  readonly kind: "tag" | "branch";
  /** Without refs/tags/ or refs/heads/; may have slashes. */
  readonly name: string;
  readonly commit: string;
}

/** Reads the output of `git ls-remote --tags --heads`. An annotated tag is listed twice, the second time with its commit. */
export function parseRefs(output: string): Ref[] {
  const refs = new Map<string, Ref>();
  for (const line of output.split("\n")) {
    const [, commit, space, name] = /^([0-9a-f]{40,64})\trefs\/(tags|heads)\/(.+?)(?:\^\{\})?$/.exec(line) ?? [];
    if (!commit || !name) continue;
    const kind = space === "tags" ? "tag" : "branch";
    refs.set(`${kind} ${name}`, { kind, name, commit });
  }
  return [...refs.values()];
}

/** What a user means by a ref. A commit's hash may be short; only the repository's objects can complete it. */
export type Choice = Ref | { readonly kind: "commit"; readonly prefix: string };

/**
 * Finds the ref that is meant: `v1.2`, `feature/login`, `refs/tags/v1.2`, `tags/v1.2`, `heads/main`, or a commit.
 *
 * @throws OperatorError if nothing has the name, with similar ones; or if several refs have it, with all of them
 */
export function chooseRef(wanted: string, refs: readonly Ref[]): Choice {
  refuseOddName(wanted);
  const found = refs.filter((ref) => spellings(ref).includes(wanted));
  const [first] = found;
  const whole = refs.find((ref) => fullName(ref) === wanted);
  const isHash = /^[0-9a-f]{4,64}$/i.test(wanted);
  if (whole) return whole;
  if (first && found.length === 1) return first;
  if (found.length > 1) {
    throw new OperatorError(`'${wanted}' is ambiguous`, {
      cause: `it names ${found.map((ref) => `the ${ref.kind} ${fullName(ref)} (${ref.commit.slice(0, 12)})`).join(" and ")}`,
      fix: `say which: --ref ${fullName(first as Ref)}`,
    });
  }
  if (isHash) return { kind: "commit", prefix: wanted.toLowerCase() };
  throw new OperatorError(`the repository has no tag, branch or commit '${wanted}'`, {
    cause: alike(wanted, refs),
    fix: "name one that `git ls-remote` shows, or push it first",
  });
}

const spaceOf = { tag: "tags", branch: "heads" } as const;
export const fullName = ({ kind, name }: Ref) => `refs/${spaceOf[kind]}/${name}`;
const spellings = (ref: Ref) => [ref.name, `${spaceOf[ref.kind]}/${ref.name}`, fullName(ref)];

/** Git allows no such names for refs, and some of them mean something else to git. */
function refuseOddName(wanted: string): void {
  if (/^[-/]|\.\.|@\{|[\s\p{Cc}~^:?*[\\]|\/$|\.lock$|^$/u.test(wanted)) {
    throw new OperatorError(`'${wanted}' cannot be the name of a tag, branch or commit`, {
      fix: "give one that `git ls-remote` shows, or a hash",
    });
  }
}

function alike(wanted: string, refs: readonly Ref[]): string {
  if (refs.length === 0) return "it has none at all";
  const part = wanted.replace(/^v/, "").toLowerCase();
  const near = refs.filter(({ name }) => name.toLowerCase().includes(part) || part.includes(name.toLowerCase()));
  const shown = (near.length > 0 ? near : refs.filter(({ kind }) => kind === "tag").slice(-8)).slice(0, 8);
  const names = shown.map(({ name }) => name).join(", ");
  return near.length > 0 ? `there are ${names}` : `of its ${refs.length} refs, some are ${names}`;
}
