import { OperatorError } from "../common/errors.ts";
import { secretPath } from "../topology/names.ts";
import { mustGet } from "./recorded-secrets.ts";
import type { SecretStore } from "./secret-store.ts";
import { checkUserName, generatePassword, usersOf, withoutUser, withUser } from "./users.ts";

/**
 * The users of one cluster's registry. A change reaches each node when it next converges.
 *
 * The parameter store has no compare-and-swap: if two operators change users at the same moment, the last one wins.
 */
export class Accounts {
  readonly #htpasswdPath: string;

  constructor(
    private readonly store: SecretStore,
    private readonly cluster: string,
  ) {
    this.#htpasswdPath = secretPath(cluster, "registry", "htpasswd");
  }

  async list(): Promise<string[]> {
    return usersOf(await mustGet(this.store, this.#htpasswdPath));
  }

  /** @returns the new user's password, which is also stored for `password`. */
  async add(name: string): Promise<string> {
    checkUserName(name);
    const password = generatePassword();
    const htpasswd = await withUser(await mustGet(this.store, this.#htpasswdPath), name, password);
    await this.store.put(this.#passwordPath(name), password);
    await this.store.put(this.#htpasswdPath, htpasswd);
    return password;
  }

  async remove(name: string): Promise<void> {
    checkUserName(name);
    const htpasswd = withoutUser(await mustGet(this.store, this.#htpasswdPath), name);
    await this.store.put(this.#htpasswdPath, htpasswd);
    await this.store.delete(this.#passwordPath(name));
  }

  /** The result is secret: show it only on request. */
  async password(name: string): Promise<string> {
    checkUserName(name);
    const password = await this.store.get(this.#passwordPath(name));
    if (password !== undefined) return password;
    throw new OperatorError(`there is no password for '${name}'`, {
      fix: `the users are: ${(await this.list()).join(", ")}`,
    });
  }

  #passwordPath(name: string): string {
    return secretPath(this.cluster, "operator", `password-${name}`);
  }
}
