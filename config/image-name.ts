import { OperatorError, PermanentError } from "../common/errors.ts";
import { withoutLogin } from "../common/url-logins.ts";

/** A repository of a registry: where images of one name are. */
export interface ImageName {
  /** With its port, if it is not 443. */
  readonly host: string;
  readonly path: string;
}

/**
 * Reads `HOST[:PORT]/PATH`. Unlike Docker's it has no registry that one need not name.
 *
 * @throws OperatorError
 */
export function parseImageName(text: string): ImageName {
  const [, host, path] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  const refuse = (cause: string) =>
    new OperatorError(`'${withoutLogin(text)}' is no place to push to`, {
      cause,
      fix: "name it as HOST[:PORT]/PATH, without a tag",
    });
  if (!host || !path) throw refuse("it has no path");
  if (!/^([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host))
    throw refuse(`'${withoutLogin(host)}' is no host`);
  if (!/[.:]|^localhost$/.test(host))
    throw refuse(`'${withoutLogin(host)}' names no registry: it has neither a dot nor a port`);
  if (!/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)) {
    throw refuse(`'${withoutLogin(path)}' must be lower-case words with . _ - and / between them`);
  }
  return { host, path };
}

export const nameOf = ({ host, path }: ImageName) => `${host}/${path}`;

/** A host as it is compared: in lower case, and without the port that is meant anyway. */
export const comparableName = ({ host, path }: ImageName) => `${host.toLowerCase().replace(/:443$/, "")}/${path}`;

/** Tags that we give images by their commits, and that cosign and the OCI give signatures and referrers by digests. */
const ownTags = /^(git-[0-9a-f]{12}|sha256-[0-9a-f]{64}(\..*)?)$/;

/**
 * A git tag as a tag of an image, which has no slashes and no more than 128 characters.
 *
 * @throws PermanentError for one that cannot be
 */
export function imageTagOf(gitTag: string): string {
  const tag = gitTag.replaceAll("/", "-");
  const refuse = (cause: string) =>
    new PermanentError(`the git tag '${gitTag}' cannot be an image's tag`, {
      cause,
      fix: "build by the commit instead, which pushes git-COMMIT alone, or tag the commit anew",
    });
  if (!/^\w[\w.-]{0,127}$/.test(tag)) throw refuse("that has letters, digits, _ . and - only, and at most 128 of them");
  if (ownTags.test(tag)) throw refuse(`${tag} is the name of a commit's image, or of a signature`);
  return tag;
}
