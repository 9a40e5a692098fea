import { OperatorError, PermanentError } from "../common/errors.ts";
import { withoutLogin } from "../common/url-logins.ts";

/** A repository of a registry: all images of one name. */
export interface ImageName {
  /** With the port, unless it is 443. */
  readonly host: string;
  readonly path: string;
}

/**
 * Parses `HOST[:PORT]/PATH`. Unlike in Docker there is no default registry.
 *
 * @throws OperatorError
 */
export function parseImageName(text: string): ImageName {
  const [, host, path] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  const refuse = (cause: string) =>
    new OperatorError(`'${withoutLogin(text)}' is not a place to push to`, {
      cause,
      fix: "name it as HOST[:PORT]/PATH, without a tag",
    });
  if (!host || !path) throw refuse("it has no path");
  if (!/^([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host))
    throw refuse(`'${withoutLogin(host)}' is not a host`);
  if (!/[.:]|^localhost$/.test(host))
    throw refuse(`'${withoutLogin(host)}' names no registry: it has neither a dot nor a port`);
  if (!/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)) {
    throw refuse(`'${withoutLogin(path)}' must be lower-case words with . _ - and / between them`);
  }
  return { host, path };
}

export const nameOf = ({ host, path }: ImageName) => `${host}/${path}`;

/** The name in a form that can be compared: host in lower case, without the default port. */
export const comparableName = ({ host, path }: ImageName) => `${host.toLowerCase().replace(/:443$/, "")}/${path}`;

/** Reserved tags: ours for images by commit, and those of cosign and the OCI for signatures and referrers by digest. */
const ownTags = /^(git-[0-9a-f]{12}|sha256-[0-9a-f]{64}(\..*)?)$/;

/**
 * Turns a git tag into an image tag, which has no slashes and at most 128 characters.
 *
 * @throws PermanentError for a git tag that has no image tag
 */
export function imageTagOf(gitTag: string): string {
  const tag = gitTag.replaceAll("/", "-");
  const refuse = (cause: string) =>
    new PermanentError(`the git tag '${gitTag}' cannot be an image's tag`, {
      cause,
      fix: "build by the commit instead, which pushes only git-COMMIT, or give the commit another tag",
    });
  if (!/^\w[\w.-]{0,127}$/.test(tag))
    throw refuse("an image tag has only letters, digits, _ . and -, and at most 128 of them");
  if (ownTags.test(tag)) throw refuse(`${tag} is the name of a commit's image, or of a signature`);
  return tag;
}
