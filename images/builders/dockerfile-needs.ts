import { OperatorError } from "../../common/errors.ts";

/** The format of an image. OCI's cannot store some Dockerfile instructions; Docker's can. */
export type ImageFormat = "oci" | "docker";

/** @returns the format that keeps everything in a Dockerfile. */
export function formatFor(dockerfile: string): ImageFormat {
  return /^\s*(HEALTHCHECK|SHELL|ONBUILD)\s/im.test(dockerfile) ? "docker" : "oci";
}

/**
 * A buildah that is too old for here-documents takes their lines for instructions, and its error does not help.
 *
 * @param version such as `buildah 1.28.2`
 * @throws OperatorError if it is too old for this Dockerfile
 */
export function refuseHereDocuments(dockerfile: string, version: string): void {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number);
  if (major > 1 || minor >= 33 || !/^\s*(RUN|COPY|ADD)\s.*<<-?["']?\w/im.test(dockerfile)) return;
  throw new OperatorError(`${version} does not support the here-documents (<<) of this Dockerfile`, {
    cause: "buildah 1.33 is the first that does",
    fix: "build with BuildKit (docker buildx create --driver docker-container --bootstrap --use), or write RUN a && b",
  });
}
