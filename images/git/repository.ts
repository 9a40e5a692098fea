import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { OperatorError } from "../../operator/errors.ts";
import { isLoopback } from "../loopback.ts";

/** Where a repository is. Its URL holds no credentials. */
export interface Repository {
  /** What git is given, and what may be shown and written into an image. */
  readonly url: string;
  /** Git's name of the way there: the only one that it may take. */
  readonly protocol: Protocol;
  readonly credentials?: { readonly user: string; readonly password: string };
}

export type Protocol = "https" | "ssh" | "http" | "git" | "file";

const shapes = "https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or a folder";

/**
 * Reads what names a repository, as git does, but for the ways that run programs (`ext::`) or take options.
 *
 * @param insecure lets in `http://` and `git://`, which anyone on the way may change. A host on this machine needs no leave.
 * @throws OperatorError with what is allowed
 */
export function parseRepository(text: string, { insecure = false } = {}): Repository {
  const refuse = (why: string, fix = `name it as ${shapes}`) =>
    new OperatorError(`'${withoutCredentials(text)}' is no repository to build from`, { cause: why, fix });
  if (text.startsWith("-")) throw refuse("it looks like an option");
  if (/[\s\p{Cc}]/u.test(text)) throw refuse("it has white space or control characters in it");
  if (/^[\w+.-]+::/.test(text)) throw refuse("it asks git to run a remote helper");

  const url = parseUrl(text);
  if (!url) {
    if (existsSync(text)) return { url: resolve(text), protocol: "file" };
    // As scp has it. A slash before the colon makes it a path.
    if (/^(?:[\w.+-]+@)?[\w][\w.-]*:(?!\/\/)[^-]/.test(text)) return { url: text, protocol: "ssh" };
    throw refuse("there is no such folder");
  }
  const protocol = protocolOf(url.protocol);
  if (!protocol) throw refuse(`its protocol is ${url.protocol.slice(0, -1)}`);
  if (protocol === "file") return { url: url.href, protocol };
  if (url.hostname === "" || url.hostname.startsWith("-")) throw refuse("it names no host");
  if ((protocol === "http" || protocol === "git") && !insecure && !isLoopback(url.hostname)) {
    throw refuse(
      `anyone on the way to ${url.hostname} could change what comes over ${protocol}`,
      "use https or ssh, or say --insecure-git",
    );
  }
  return { ...splitCredentials(url, protocol), protocol };
}

function splitCredentials(url: URL, protocol: Protocol): Pick<Repository, "url" | "credentials"> {
  // ssh's user is a part of the place; its password is of no use there.
  const { username, password } = url;
  url.password = "";
  if (protocol === "ssh") return { url: url.href };
  url.username = "";
  if (!username) return { url: url.href };
  return {
    url: url.href,
    credentials: { user: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}

/** For messages about what may not even be a URL. */
export const withoutCredentials = (text: string) => text.replace(/^([\w+.-]+:\/\/)[^/@]*@/, "$1");

function parseUrl(text: string): URL | undefined {
  return /^[a-z][\w+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

function protocolOf(scheme: string): Protocol | undefined {
  return (["https", "ssh", "http", "git", "file"] as const).find((known) => scheme === `${known}:`);
}
