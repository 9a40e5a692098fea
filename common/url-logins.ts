/** Stands where a login was. */
const hidden = "***";

/** Addresses of the web, of git and of databases: also those that lack slashes, or have them turned. */
const schemes = /(?:[a-z][\w+.-]*:\/\/|\b(?:https?|ssh|git|ftps?):[\\/]*)/i;

/**
 * An address without what it holds beside the place: user and password, query and fragment. It need not be a right one, so what
 * may be a part of a password goes too: everything up to the last `@`, and what is no port.
 */
export function withoutLogin(address: string): string {
  const start = schemes.exec(address);
  if (!start) return withoutUser(address, /^(?:[\w.+-]+@)?[^:@]*$|^[./]/, /^[\w.+-]+$/);
  const end = start.index + start[0].length;
  const isSsh = /ssh/i.test(start[0]);
  const rest = address.slice(end);
  // Of a question mark before an @ nobody knows whether it is in a password, or begins a query.
  if (/[?#].*@/s.test(rest)) return address.slice(0, end) + hidden;
  const shown = rest.includes("@") ? withoutUser(rest, /^$/, isSsh ? /^[a-z_][\w-]*$/i : /^$/) : withoutOddPort(rest);
  return address.slice(0, end) + shown.replace(/([?#]).*$/s, `$1${hidden}`);
}

/**
 * Any text without the logins of the addresses in it, as far as they can be told from the words around them. It is the second lock: an
 * address that is known to be one has passed `withoutLogin`.
 */
export const withoutLogins = (text: string): string =>
  text
    .replaceAll(/[a-z][\w+.-]*:\/\/\S+/gi, withoutLogin)
    .replaceAll(/(?<![^\s'"(=])[^\s:@/'"]+:[^\s@/]+@(?!sha256:)(?=\w)/g, `${hidden}@`);

function withoutUser(text: string, harmless: RegExp, userToShow: RegExp): string {
  const at = text.lastIndexOf("@");
  if (at < 0 || harmless.test(text)) return text;
  return `${userToShow.test(text.slice(0, at)) ? text.slice(0, at) : hidden}${text.slice(at)}`;
}

/** Without an `@` what follows a colon is a port, or else a password whose host is missing. */
const withoutOddPort = (text: string): string =>
  text.replace(/^(\[[^\]]*\]|(?!\[)[^/:?#]*):(?!\d{1,5}(?:[/?#'",;:)]|$)).+$/s, `$1:${hidden}`);
