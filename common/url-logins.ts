/** Replaces a login. */
const hidden = "***";

/** How addresses of web servers, git and databases begin, also with missing slashes or with backslashes. */
const schemes = /(?:[a-z][\w+.-]*:\/\/|\b(?:https?|ssh|git|ftps?):[\\/]*)/i;

/**
 * Removes user, password, query and fragment from an address. The address may be malformed, so whatever could be part of a password
 * goes too: everything up to the last `@`, and a port that is not a number.
 */
export function withoutLogin(address: string): string {
  const start = schemes.exec(address);
  if (!start) return withoutUser(address, /^(?:[\w.+-]+@)?[^:@]*$|^[./]/, /^[\w.+-]+$/);
  const end = start.index + start[0].length;
  const isSsh = /ssh/i.test(start[0]);
  const rest = address.slice(end);
  // A question mark before an @ may be part of a password or begin a query.
  if (/[?#].*@/s.test(rest)) return address.slice(0, end) + hidden;
  const shown = rest.includes("@") ? withoutUser(rest, /^$/, isSsh ? /^[a-z_][\w-]*$/i : /^$/) : withoutOddPort(rest);
  return address.slice(0, end) + shown.replace(/([?#]).*$/s, `$1${hidden}`);
}

/**
 * Removes logins from all addresses in a text, as far as they can be recognised. This is a second line of defence: known addresses
 * have already passed `withoutLogin`.
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

/** Without an `@`, a colon is followed by a port, or by a password whose host is missing. */
const withoutOddPort = (text: string): string =>
  text.replace(/^(\[[^\]]*\]|(?!\[)[^/:?#]*):(?!\d{1,5}(?:[/?#'",;:)]|$)).+$/s, `$1:${hidden}`);
