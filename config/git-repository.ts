import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { OperatorError } from "../common/errors.ts";
import { isLoopback } from "../common/loopback.ts";
import { withoutLogin } from "../common/url-logins.ts";

/** Where a repository is. Its URL holds no credentials. */
export interface Repository {
  /** What git gets. It may be shown, and written into an image. */
  readonly url: string;
  /** The only protocol that git may use. */
  readonly protocol: Protocol;
  readonly credentials?: { readonly user: string; readonly password: string };
}

export type Protocol = "https" | "ssh" | "http" | "git" | "file";

/** How a repository may be named, for messages. */
export const repositoryShapes = "https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or a folder";

/**
 * Parses the address of a repository as git does, without the forms that run programs (`ext::`) or pass options.
 *
 * @param insecure allows `http://` and `git://`, where anyone on the network path can change the content. This machine itself is
 *   always allowed.
 * @throws OperatorError with what is allowed
 */
export function parseRepository(text: string, { insecure = false } = {}): Repository {
  const refuse = (why: string, fix = `name it as ${repositoryShapes}`) =>
    new OperatorError(`'${withoutLogin(text)}' is not a repository to build from`, { cause: why, fix });
  if (text.startsWith("-")) throw refuse("it looks like an option");
  if (/[\s\p{Cc}]/u.test(text)) throw refuse("it has white space or control characters in it");
  if (/^[\w+.-]+::/.test(text)) throw refuse("it asks git to run a remote helper");

  const url = parseUrl(text);
  if (!url) {
    if (existsSync(text)) return { url: resolve(text), protocol: "file" };
    if (/^[\w+.-]+:[\\/]{2}/.test(text)) throw refuse("it is not a valid URL", encodedLogin);
    if (/^(https?|ssh|git|ftps?|file):/i.test(text)) throw refuse("two slashes must follow its first colon");
    // The form of scp. With a slash before the colon it would be a path.
    if (/^(?:[\w.+-]+@)?[\w][\w.-]*:(?!\/\/)[^-@?#][^@?#]*$/.test(text)) return { url: text, protocol: "ssh" };
    throw refuse(/^[^/]*:.*@/.test(text) ? "ssh takes no password in an address" : "there is no such folder");
  }
  const protocol = protocolOf(url.protocol);
  if (!protocol) throw refuse(`its protocol is ${url.protocol.slice(0, -1)}`);
  if (protocol === "file") return { url: url.href, protocol };
  if (!/^[\w[][\w.:\]-]*$/.test(url.hostname)) throw refuse("it names no host");
  if (/[?#]/.test(text)) throw refuse("it has a query or a fragment, which git has no use for", encodedLogin);
  if (url.pathname.includes("@")) throw refuse("it has an @ in its path", encodedLogin);
  if ((protocol === "http" || protocol === "git") && !insecure && !isLoopback(url.hostname)) {
    throw refuse(
      `anyone on the network path to ${url.hostname} could change what comes over ${protocol}`,
      "use https or ssh, or give --insecure-git",
    );
  }
  const credentials = takeCredentials(url, protocol);
  if (typeof credentials === "object" && credentials.user === "")
    throw refuse("its login has a password but no user", encodedLogin);
  if (credentials === "unreadable") throw refuse("its login is not encoded as a URL's must be", encodedLogin);
  return { url: url.href, protocol, ...(credentials ? { credentials } : {}) };
}

const encodedLogin = "write the login as USER:TOKEN@, with %40 for @, %2F for /, %3F for ?, %23 for # and %25 for %";

/** Removes the login from a URL. */
function takeCredentials(url: URL, protocol: Protocol): Repository["credentials"] | "unreadable" {
  const { username, password } = url;
  url.password = "";
  // The user is part of an ssh address; ssh does not accept a password there.
  if (protocol === "ssh") return undefined;
  url.username = "";
  if (!username && !password) return undefined;
  try {
    const credentials = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    return /[\0\r\n]/.test(credentials.user + credentials.password) ? "unreadable" : credentials;
  } catch {
    return "unreadable";
  }
}

function parseUrl(text: string): URL | undefined {
  return /^[a-z][\w+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

function protocolOf(scheme: string): Protocol | undefined {
  return (["https", "ssh", "http", "git", "file"] as const).find((known) => scheme === `${known}:`);
}
