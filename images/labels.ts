import type { WorkTree } from "./git/checkout.ts";

/** OCI's own names: https://specs.opencontainers.org/image-spec/annotations/ */
export const revisionLabel = "org.opencontainers.image.revision";

export const refNameLabel = "org.opencontainers.image.ref.name";

/**
 * Labels that tell which commit an image is of. They depend on the commit only, so the same commit gives the same image.
 *
 * @returns labels by name
 */
export function labelsOf({ source, committedSec }: WorkTree): Record<string, string> {
  const { repository, kind, name, commit } = source;
  return {
    [revisionLabel]: commit,
    "org.opencontainers.image.source": repository.url,
    "org.opencontainers.image.version": kind === "tag" ? name : shortTag(commit),
    "org.opencontainers.image.created": new Date(committedSec * 1000).toISOString().replace(".000Z", "Z"),
    [refNameLabel]: name,
  };
}

/**
 * What a Dockerfile may ask for with ARG, because it has no `.git` to find it out from. Arguments that it does not ask for have no
 * effect, except SOURCE_DATE_EPOCH, which builders read themselves.
 *
 * @returns build arguments by name
 */
export function sourceArgs(tree: WorkTree): Record<string, string> {
  const labels = labelsOf(tree);
  return {
    SOURCE_DATE_EPOCH: String(tree.committedSec),
    SOURCE_COMMIT: tree.source.commit,
    SOURCE_REF: tree.source.name,
    SOURCE_DATE: labels["org.opencontainers.image.created"] as string,
  };
}

/** The tag that every image of a commit has. */
export const shortTag = (commit: string) => `git-${commit.slice(0, 12)}`;
