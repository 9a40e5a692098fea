import { OperatorError } from "../../common/errors.ts";

/** The format of an image. OCI's has no place for some of what a Dockerfile says; Docker's has. */
export type ImageFormat = "oci" | "docker";

/** @returns the format that loses nothing of a Dockerfile. */
export function formatFor(dockerfile: string): ImageFormat {
  return /^\s*(HEALTHCHECK|SHELL|ONBUILD)\s/im.test(dockerfile) ? "docker" : "oci";
}

/**
 * Buildah takes the lines of a here-document for instructions if it is too old to know them, and says nothing useful.
 *
 * @param version as `buildah 1.28.2`
 * @throws OperatorError where it is too old for this Dockerfile
 */
export function refuseHereDocuments(dockerfile: string, version: string): void {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number);
  if (major > 1 || minor >= 33 || !/^\s*(RUN|COPY|ADD)\s.*<<-?["']?\w/im.test(dockerfile)) return;
  throw new OperatorError(`${version} does not know the here-documents (<<) of this Dockerfile`, {
    cause: "buildah 1.33 was the first to know them",
    fix: "build with BuildKit (docker buildx create --driver docker-container --bootstrap --use), or write RUN a && b",
  });
}
