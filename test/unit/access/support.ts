import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { SecretStore } from "../../../access/secret-store.ts";
import { type ClusterConfig, clusterSchema } from "../../../config/schema.ts";

/** A secret store in memory, with the same promises as the real one. */
export class MemorySecretStore implements SecretStore {
  readonly values = new Map<string, string>();

  async get(path: string): Promise<string | undefined> {
    return this.values.get(path);
  }

  async create(path: string, value: string): Promise<boolean> {
    if (this.values.has(path)) return false;
    this.values.set(path, value);
    return true;
  }

  async put(path: string, value: string): Promise<void> {
    this.values.set(path, value);
  }

  async list(folder: string): Promise<string[]> {
    return [...this.values.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  }

  async delete(path: string): Promise<void> {
    this.values.delete(path);
  }
}

/** @returns a checked config, which differs from the defaults only in what is asked for. */
export function configWith(changes: { domainName?: string; tls?: object; builder?: object } = {}): ClusterConfig {
  const ami = "ami-0123456789abcdef0";
  return clusterSchema.parse({
    name: "demo",
    region: "eu-west-1",
    domainName: "registry.example.internal",
    network: { cidr: "10.80.0.0/16", zones: ["eu-west-1a", "eu-west-1b"] },
    access: {
      sshPublicKey: `ssh-ed25519 ${"A".repeat(68)}`,
      sshCidrs: ["198.51.100.0/24"],
      clientCidrs: ["198.51.100.0/24"],
    },
    bastion: { ami },
    registries: { ami },
    proxies: { ami },
    storage: { bucket: "demo-registry-bucket" },
    ...changes,
  });
}

/** An authority's certificate as they were first made: without a limit on the names that it may sign for. */
export async function unlimitedAuthorityCertificate(privateKeyPem: string, now: Date): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ["demo registry CA"] }],
    notBefore: now,
    notAfter: new Date(now.getTime() + 3650 * 86_400_000),
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await webcrypto.subtle.importKey(
        "pkcs8",
        privateKey.export({ type: "pkcs8", format: "der" }),
        algorithm,
        false,
        ["sign"],
      ),
      publicKey: await webcrypto.subtle.importKey("spki", publicKey, algorithm, true, ["verify"]),
    },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return certificate.toString("pem");
}
