import { X509Certificate } from "node:crypto";
import { secretPath } from "../topology/names.ts";
import { Accounts } from "./accounts.ts";
import { type Permitted, permittedBy } from "./name-constraints.ts";
import { mustGet } from "./recorded-secrets.ts";
import type { SecretStore } from "./secret-store.ts";

/** What a client needs to trust the registry, and who may log in. Contains no secrets. */
export interface AccessSummary {
  /** PEM. */
  readonly caCertificate: string;
  /** SHA-256 fingerprint, to compare with a client's: `AB:CD:...`. */
  readonly caFingerprint: string;
  readonly caValidTo: Date;
  /** What the CA may sign for; absent when it may sign for anything. */
  readonly caMaySignFor?: Permitted;
  /** Alternative names of the server certificate: `DNS:registry.example.internal`, `IP Address:203.0.113.7`. */
  readonly serverNames: readonly string[];
  readonly serverValidTo: Date;
  readonly users: readonly string[];
}

export async function summarizeAccess(store: SecretStore, cluster: string): Promise<AccessSummary> {
  const caCertificate = await mustGet(store, secretPath(cluster, "operator", "ca-certificate"));
  const ca = new X509Certificate(caCertificate);
  const server = new X509Certificate(await mustGet(store, secretPath(cluster, "proxy", "server-certificate")));
  return {
    caCertificate,
    caFingerprint: ca.fingerprint256,
    caValidTo: new Date(ca.validTo),
    caMaySignFor: permittedBy(caCertificate),
    serverNames: server.subjectAltName?.split(", ") ?? [],
    serverValidTo: new Date(server.validTo),
    users: await new Accounts(store, cluster).list(),
  };
}
