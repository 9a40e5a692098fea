import { randomBytes } from "node:crypto";
import bcrypt from "bcryptjs";
import { OperatorError } from "../common/errors.ts";

/**
 * Work factor of bcrypt: each step doubles the work of a guess, but also of every request, because the registry checks the
 * password each time (in Go on one core: cost 10 takes 87 ms, cost 5 takes 4 ms). A low cost is safe only because passwords are
 * generated: nobody can guess 192 random bits. See docs/decisions/0008.
 */
const bcryptCost = 5;

const userNamePattern = /^[a-z][a-z0-9._-]{0,31}$/;

/** @returns a new password: 192 random bits in 32 characters that need no quoting in a shell or URL. */
export function generatePassword(): string {
  return randomBytes(24).toString("base64url");
}

/** @returns the users of an htpasswd file, in its order. */
export function usersOf(htpasswd: string): string[] {
  return lines(htpasswd).map(userOf);
}

/** @returns the htpasswd file with one more user. */
export async function withUser(htpasswd: string, name: string, password: string): Promise<string> {
  checkUserName(name);
  if (usersOf(htpasswd).includes(name)) {
    throw new OperatorError(`there is already a user '${name}'`, {
      fix: "for a new password, remove the user and add it again",
    });
  }
  return file([...lines(htpasswd), await line(name, password)]);
}

/** @returns the htpasswd file without the user. */
export function withoutUser(htpasswd: string, name: string): string {
  const users = usersOf(htpasswd);
  if (!users.includes(name)) {
    throw new OperatorError(`there is no user '${name}'`, { fix: `the users are: ${users.join(", ")}` });
  }
  if (users.length === 1) {
    throw new OperatorError(`'${name}' is the only user, and without one nobody can log in`, {
      fix: "add another user first",
    });
  }
  return file(lines(htpasswd).filter((text) => userOf(text) !== name));
}

/** @throws OperatorError unless the name can be both an htpasswd user and part of an SSM parameter's name. */
export function checkUserName(name: string): void {
  if (userNamePattern.test(name)) return;
  throw new OperatorError(`'${name}' cannot be a user name`, {
    fix: "use 1 to 32 lower-case letters, digits, dots, underscores and hyphens, a letter first",
  });
}

/** `$2y$` is what htpasswd itself writes, and the same algorithm as bcryptjs's `$2b$`. */
async function line(name: string, password: string): Promise<string> {
  const hash = await bcrypt.hash(password, bcryptCost);
  return `${name}:${hash.replace(/^\$2b\$/, "$2y$$")}`;
}

function lines(htpasswd: string): string[] {
  return htpasswd.split("\n").filter((text) => text.includes(":"));
}

function userOf(text: string): string {
  return text.slice(0, text.indexOf(":"));
}

function file(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
