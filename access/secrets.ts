import { randomBytes } from "node:crypto";
import { type SecretFolder, secretPath } from "../config/names.ts";
import type { ClusterConfig } from "../config/schema.ts";
import {
  type Authority,
  addressesOf,
  belongsTogether,
  certificateTimeLeftMs,
  createAuthorityCertificate,
  generatePrivateKey,
  issueServerCertificate,
  renewalMarginMs,
  renewalReason,
} from "./certificates.ts";
import { AccessError } from "./errors.ts";
import type { SecretStore } from "./secret-store.ts";
import { generatePassword, usersOf, withUser } from "./users.ts";

/** The user that every cluster starts with. */
export const firstUser = "admin";

/** The user as whom the builder pushes. */
export const builderUser = "builder";

const authorityValidityMs = 10 * 365 * 24 * 3_600_000;

const startAnew = "run 'registry-cluster access init', and give the new CA certificate to all clients";

export interface SecretsProps {
  readonly store: SecretStore;
  readonly config: ClusterConfig;
  /**
   * IP addresses under which clients reach the registry, besides its names. `ensureSecrets` adds them to those that the
   * certificate has; `renewServerCertificate` issues for these alone.
   */
  readonly addresses: readonly string[];
  /** @default - now */
  readonly now?: Date;
}

/** What was done about the secrets. Holds no secret, so that all of it may be shown and logged. */
export interface SecretsReport {
  readonly entries: readonly SecretEntry[];
  /** PEM of the certificate that clients must trust. */
  readonly caCertificate: string;
}

export interface SecretEntry {
  readonly path: string;
  readonly action: "created" | "kept" | "renewed";
  /** Why it was renewed. */
  readonly reason?: string;
}

/**
 * Makes what is missing of a cluster's secrets, renews the server certificate when it is time, and leaves the rest.
 *
 * Two operators may run this at once: who comes second finds the other's value and builds on that. Keys come before
 * what is made from them, so whatever is stored at any moment fits together.
 */
export async function ensureSecrets(props: SecretsProps): Promise<SecretsReport> {
  const secrets = new Secrets(props);
  const authority = await secrets.authority();
  await secrets.serverCertificate(authority);
  await secrets.httpSecret();
  await secrets.users();
  if (props.config.builder.enabled) await secrets.builder(authority);
  return { entries: secrets.entries, caCertificate: authority.certificatePem };
}

/** Issues a new server certificate for a new private key, whether it is time or not: after a leak, or after names were removed. */
export async function renewServerCertificate(props: SecretsProps): Promise<SecretsReport> {
  const secrets = new Secrets(props);
  const authority = await secrets.authority();
  await secrets.renewServer(authority);
  return { entries: secrets.entries, caCertificate: authority.certificatePem };
}

/** @returns one line for each secret. */
export function formatReport({ entries }: SecretsReport): string {
  return entries
    .map(({ path, action, reason }) => `${action.padEnd(7)}  ${path}${reason ? ` (${reason})` : ""}`)
    .join("\n");
}

class Secrets {
  readonly entries: SecretEntry[] = [];
  readonly #store: SecretStore;
  readonly #config: ClusterConfig;
  #addresses: readonly string[];
  readonly #now: Date;

  constructor({ store, config, addresses, now = new Date() }: SecretsProps) {
    this.#store = store;
    this.#config = config;
    this.#addresses = addresses;
    this.#now = now;
  }

  async authority(): Promise<Authority> {
    const name = `${this.#config.name} registry CA`;
    const keyPath = this.#path("operator", "ca-key");
    const certificatePath = this.#path("operator", "ca-certificate");
    const exists = (await this.#store.get(certificatePath)) !== undefined;
    const privateKeyPem = exists
      ? await this.#keyOf(certificatePath, keyPath)
      : await this.#ensure(keyPath, generatePrivateKey);
    const certificatePem = await this.#ensure(certificatePath, () =>
      createAuthorityCertificate({ name, privateKeyPem, validityMs: authorityValidityMs, now: this.#now }),
    );
    if (!belongsTogether(certificatePem, privateKeyPem)) {
      throw new AccessError(
        `${keyPath} is not the key of ${certificatePath}; restore the right one, or delete both, ${startAnew}`,
      );
    }
    // Never renewed unasked: every client would have to learn to trust the new one.
    if (certificateTimeLeftMs(certificatePem, this.#now) < renewalMarginMs) {
      throw new AccessError(
        `the CA certificate ${certificatePath} has less than 30 days left; delete it, ${startAnew}`,
      );
    }
    return { certificatePem, privateKeyPem };
  }

  async serverCertificate(authority: Authority): Promise<void> {
    const privateKeyPem = await this.#ensure(this.#path("proxy", "server-key"), generatePrivateKey);
    const path = this.#path("proxy", "server-certificate");
    const certificatePem = await this.#store.get(path);
    if (certificatePem === undefined) {
      await this.#ensure(path, () => this.#issue(authority, privateKeyPem));
      return;
    }
    this.#addresses = [...new Set([...this.#addresses, ...addressesOf(certificatePem)])];
    const reason = renewalReason(certificatePem, this.#request(authority, privateKeyPem));
    if (!reason) {
      this.entries.push({ path, action: "kept" });
      return;
    }
    // The key stays, so that a node which reads the two between our writes still gets a pair.
    await this.#renew(path, await this.#issue(authority, privateKeyPem), reason);
  }

  async renewServer(authority: Authority): Promise<void> {
    const reason = "asked for";
    const privateKeyPem = await generatePrivateKey();
    const certificatePem = await this.#issue(authority, privateKeyPem);
    await this.#renew(this.#path("proxy", "server-key"), privateKeyPem, reason);
    await this.#renew(this.#path("proxy", "server-certificate"), certificatePem, reason);
  }

  /** Shared by all registries: what one of them signs for an upload, the others accept. */
  async httpSecret(): Promise<void> {
    await this.#ensure(this.#path("registry", "http-secret"), async () => randomBytes(32).toString("hex"));
  }

  async users(): Promise<void> {
    const path = this.#path("registry", "htpasswd");
    if ((await this.#store.get(path)) !== undefined) {
      this.entries.push({ path, action: "kept" });
      return;
    }
    const password = await this.#ensure(this.#path("operator", `password-${firstUser}`), async () =>
      generatePassword(),
    );
    await this.#ensure(path, () => withUser("", firstUser, password));
  }

  /** What the builder needs to push: a user of its own, and whom to trust. */
  async builder({ certificatePem }: Authority): Promise<void> {
    const password = await this.#ensure(this.#path("operator", `password-${builderUser}`), async () =>
      generatePassword(),
    );
    const htpasswdPath = this.#path("registry", "htpasswd");
    const htpasswd = await mustGet(this.#store, htpasswdPath);
    if (!usersOf(htpasswd).includes(builderUser)) {
      await this.#renew(htpasswdPath, await withUser(htpasswd, builderUser, password), "the builder is a user now");
    }
    const auth = Buffer.from(`${builderUser}:${password}`).toString("base64");
    const login = JSON.stringify({ auths: { [this.#config.domainName]: { auth } } });
    await this.#keepEqual(this.#path("builder", "registry-login"), login, "the builder's login has changed");
    await this.#keepEqual(this.#path("builder", "ca-certificate"), certificatePem, "the CA is another one");
  }

  /** Stores a value that follows from others. */
  async #keepEqual(path: string, value: string, reason: string): Promise<void> {
    const stored = await this.#ensure(path, async () => value);
    if (stored !== value) await this.#renew(path, value, reason);
  }

  /** @returns the value that is stored in the end, ours or another operator's. */
  async #ensure(path: string, make: () => Promise<string>): Promise<string> {
    const stored = await this.#store.get(path);
    if (stored === undefined) {
      const value = await make();
      if (await this.#store.create(path, value)) {
        this.entries.push({ path, action: "created" });
        return value;
      }
    }
    this.entries.push({ path, action: "kept" });
    return stored ?? mustGet(this.#store, path);
  }

  /** A new key would not fit the certificate that clients trust already. */
  async #keyOf(certificatePath: string, keyPath: string): Promise<string> {
    const key = await this.#store.get(keyPath);
    if (key === undefined) {
      throw new AccessError(`${keyPath} is missing; restore it, or delete ${certificatePath} too, ${startAnew}`);
    }
    this.entries.push({ path: keyPath, action: "kept" });
    return key;
  }

  async #renew(path: string, value: string, reason: string): Promise<void> {
    await this.#store.put(path, value);
    this.entries.push({ path, action: "renewed", reason });
  }

  #issue(authority: Authority, privateKeyPem: string): Promise<string> {
    const validityMs = this.#config.tls.validity.milliseconds;
    return issueServerCertificate({ ...this.#request(authority, privateKeyPem), validityMs });
  }

  #request(authority: Authority, privateKeyPem: string) {
    const { domainName, tls } = this.#config;
    const names = [domainName, ...tls.extraNames];
    return { authority, privateKeyPem, names, addresses: this.#addresses, now: this.#now };
  }

  #path(folder: SecretFolder, key: string): string {
    return secretPath(this.#config.name, folder, key);
  }
}

/** @returns the value, or throws with the way to make it. */
export async function mustGet(store: SecretStore, path: string): Promise<string> {
  const value = await store.get(path);
  if (value === undefined) throw new AccessError(`there is no ${path} yet; run 'registry-cluster access init'`);
  return value;
}
