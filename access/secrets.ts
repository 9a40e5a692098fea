import { randomBytes } from "node:crypto";
import type { ClusterConfig } from "../config/schema.ts";
import { authorityWarning, ensureAuthority, reissueAuthority } from "./authority.ts";
import {
  type Authority,
  addressesOf,
  generatePrivateKey,
  issueServerCertificate,
  namesOf,
  renewalReason,
} from "./certificates.ts";
import { beyond, type Permitted } from "./name-constraints.ts";
import { mustGet, RecordedSecrets, type SecretEntry } from "./recorded-secrets.ts";
import type { SecretStore } from "./secret-store.ts";
import { generatePassword, usersOf, withUser } from "./users.ts";

/** The user that every cluster starts with. */
export const firstUser = "admin";

/** The user that the builder pushes as. */
export const builderUser = "builder";

export interface SecretsProps {
  readonly store: SecretStore;
  readonly config: ClusterConfig;
  /**
   * IP addresses under which clients reach the registry, besides its names. `ensureSecrets` and `reissueCa` add them to
   * those in the certificate; `renewServerCertificate` issues a certificate with only these.
   */
  readonly addresses: readonly string[];
  /** @default - now */
  readonly now?: Date;
}

/** What was done about the secrets. Contains no secrets, so it may be shown and logged. */
export interface SecretsReport {
  readonly entries: readonly SecretEntry[];
  /** PEM of the certificate that clients must trust. */
  readonly caCertificate: string;
}

/**
 * Creates the missing secrets of a cluster, renews the server certificate when it is due, and leaves the rest unchanged.
 *
 * Two operators may run this at once: the second one finds the other's values and uses them. Keys are stored before what is derived
 * from them, so the stored values are consistent at any moment.
 */
export async function ensureSecrets(props: SecretsProps): Promise<SecretsReport> {
  const { addresses } = await namedBefore(props);
  const secrets = new Secrets(props, addresses);
  const authority = await secrets.authority();
  await secrets.serverCertificate(authority);
  await secrets.httpSecret();
  await secrets.users();
  if (props.config.builder.enabled) await secrets.builder(authority);
  return secrets.report(authority.certificatePem);
}

/** Issues a new server certificate for a new private key, even if none is due: after a leak, or after names were removed. */
export async function renewServerCertificate(props: SecretsProps): Promise<SecretsReport> {
  const secrets = new Secrets(props, props.addresses);
  const authority = await secrets.authority();
  await secrets.renewServer(authority);
  return secrets.report(authority.certificatePem);
}

/**
 * Reissues the CA's certificate, with the same key, for the names of the config and these addresses. The server certificate stays:
 * `ensureSecrets` issues one for new names. Run that only when all clients have the new CA certificate.
 */
export async function reissueCa(props: SecretsProps): Promise<SecretsReport> {
  const { names, addresses } = await namedBefore(props);
  const secrets = new Secrets(props, addresses);
  return secrets.report(await secrets.reissueAuthority(names));
}

/** @returns the names and addresses that the existing CA may not sign for: with any, `ensureSecrets` would fail. */
export async function refusedByCa(props: SecretsProps): Promise<string[]> {
  const { store, config } = props;
  const certificate = await store.get(new RecordedSecrets(store, config.name).path("operator", "ca-certificate"));
  if (certificate === undefined) return [];
  const { addresses } = await namedBefore(props);
  return beyond(certificate, { names: [config.domainName, ...config.tls.extraNames], addresses });
}

/** @returns one line for each secret, and a warning if there is one. */
export function formatReport({ entries, caCertificate }: SecretsReport): string {
  const lines = entries.map(
    ({ path, action, reason }) => `${action.padEnd(7)}  ${path}${reason ? ` (${reason})` : ""}`,
  );
  return [...lines, authorityWarning(caCertificate)].filter((line) => line !== undefined).join("\n");
}

/** The names of the current server certificate, and all addresses: those in it and the requested ones. */
async function namedBefore({ store, config, addresses }: SecretsProps): Promise<Permitted> {
  const certificate = await store.get(new RecordedSecrets(store, config.name).path("proxy", "server-certificate"));
  if (certificate === undefined) return { names: [], addresses };
  return { names: namesOf(certificate), addresses: [...new Set([...addresses, ...addressesOf(certificate)])] };
}

class Secrets {
  readonly #secrets: RecordedSecrets;
  readonly #config: ClusterConfig;
  readonly #permitted: Permitted;
  readonly #now: Date;

  constructor({ store, config, now = new Date() }: SecretsProps, addresses: readonly string[]) {
    this.#secrets = new RecordedSecrets(store, config.name);
    this.#config = config;
    this.#permitted = { names: [config.domainName, ...config.tls.extraNames], addresses };
    this.#now = now;
  }

  report(caCertificate: string): SecretsReport {
    return { entries: this.#secrets.entries, caCertificate };
  }

  authority(): Promise<Authority> {
    return ensureAuthority(this.#secrets, { name: this.#config.name, permitted: this.#permitted, now: this.#now });
  }

  /** @param names to permit in addition to those of the config */
  async reissueAuthority(names: readonly string[]): Promise<string> {
    const permitted = { ...this.#permitted, names: [...new Set([...this.#permitted.names, ...names])] };
    const certificatePem = await reissueAuthority(this.#secrets, {
      name: this.#config.name,
      permitted,
      now: this.#now,
    });
    if (this.#config.builder.enabled) await this.#builderTrusts(certificatePem);
    return certificatePem;
  }

  async serverCertificate(authority: Authority): Promise<void> {
    const privateKeyPem = await this.#secrets.ensure(this.#secrets.path("proxy", "server-key"), generatePrivateKey);
    const path = this.#secrets.path("proxy", "server-certificate");
    const certificatePem = await this.#secrets.store.get(path);
    if (certificatePem === undefined) {
      await this.#secrets.ensure(path, () => this.#issue(authority, privateKeyPem));
      return;
    }
    const reason = renewalReason(certificatePem, this.#request(authority, privateKeyPem));
    if (!reason) return this.#secrets.keep(path);
    // The key stays, so that a node that reads certificate and key between our writes still gets a matching pair.
    await this.#secrets.renew(path, await this.#issue(authority, privateKeyPem), reason);
  }

  async renewServer(authority: Authority): Promise<void> {
    const reason = "asked for";
    const privateKeyPem = await generatePrivateKey();
    const certificatePem = await this.#issue(authority, privateKeyPem);
    await this.#secrets.renew(this.#secrets.path("proxy", "server-key"), privateKeyPem, reason);
    await this.#secrets.renew(this.#secrets.path("proxy", "server-certificate"), certificatePem, reason);
  }

  /** Shared by all registries, so that each accepts the upload state that another one has signed. */
  async httpSecret(): Promise<void> {
    await this.#secrets.ensure(this.#secrets.path("registry", "http-secret"), async () =>
      randomBytes(32).toString("hex"),
    );
  }

  async users(): Promise<void> {
    const path = this.#secrets.path("registry", "htpasswd");
    if ((await this.#secrets.store.get(path)) !== undefined) return this.#secrets.keep(path);
    const password = await this.#password(firstUser);
    await this.#secrets.ensure(path, () => withUser("", firstUser, password));
  }

  /** What the builder needs to push: its own user, and the CA to trust. */
  async builder({ certificatePem }: Authority): Promise<void> {
    const password = await this.#password(builderUser);
    const htpasswdPath = this.#secrets.path("registry", "htpasswd");
    const htpasswd = await mustGet(this.#secrets.store, htpasswdPath);
    if (!usersOf(htpasswd).includes(builderUser)) {
      const withBuilder = await withUser(htpasswd, builderUser, password);
      await this.#secrets.renew(htpasswdPath, withBuilder, "the builder is a user now");
    }
    const auth = Buffer.from(`${builderUser}:${password}`).toString("base64");
    const login = JSON.stringify({ auths: { [this.#config.domainName]: { auth } } });
    const loginPath = this.#secrets.path("builder", "registry-login");
    await this.#secrets.keepEqual(loginPath, login, "the builder's login has changed");
    await this.#builderTrusts(certificatePem);
  }

  #builderTrusts(caCertificate: string): Promise<void> {
    return this.#secrets.keepEqual(
      this.#secrets.path("builder", "ca-certificate"),
      caCertificate,
      "the CA is another one",
    );
  }

  #password(user: string): Promise<string> {
    return this.#secrets.ensure(this.#secrets.path("operator", `password-${user}`), async () => generatePassword());
  }

  #issue(authority: Authority, privateKeyPem: string): Promise<string> {
    const validityMs = this.#config.tls.validity.milliseconds;
    return issueServerCertificate({ ...this.#request(authority, privateKeyPem), validityMs });
  }

  #request(authority: Authority, privateKeyPem: string) {
    return { authority, privateKeyPem, ...this.#permitted, now: this.#now };
  }
}
