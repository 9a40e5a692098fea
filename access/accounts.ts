import { OperatorError } from "../common/errors.ts";
import { secretPath } from "../topology/names.ts";
import { mustGet } from "./recorded-secrets.ts";
import type { SecretStore } from "./secret-store.ts";
import { checkUserName, generatePassword, usersOf, withoutUser, withUser } from "./users.ts";

/**
 * The users of one cluster's registry. Nodes learn of a change when they converge next.
 *
 * The parameter store cannot compare and swap: of two operators who change users in the same second, the last one wins.
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

  /** @returns the new user's password, which is kept for `password` too. */
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

  /** Secret: show it only when it is asked for. */
  async password(name: string): Promise<string> {
    checkUserName(name);
    const password = await this.store.get(this.#passwordPath(name));
    if (password !== undefined) return password;
    throw new OperatorError(`there is no password of '${name}'`, {
      fix: `the users are: ${(await this.list()).join(", ")}`,
    });
  }

  #passwordPath(name: string): string {
    return secretPath(this.cluster, "operator", `password-${name}`);
  }
}
