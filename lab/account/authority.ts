import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthorityCertificate, generatePrivateKey, issueServerCertificate } from "../../access/certificates.ts";
import { cacheDir } from "../../artifacts/cache.ts";

const yearMs = 365 * 24 * 3_600_000;
const folder = () => join(cacheDir(), "lab-authority");
/** Path of the lab's CA certificate. */
export const authorityCertificate = () => join(folder(), "ca.crt");
const keyPath = () => join(folder(), "ca.key");

/**
 * The CA that lab machines trust for AWS's host names. Created once on this machine, because its certificate is baked into
 * images; nothing outside of labs trusts it.
 *
 * @returns path of its certificate.
 */
export async function ensureLabAuthority(): Promise<string> {
  if (!existsSync(authorityCertificate())) {
    mkdirSync(folder(), { recursive: true });
    const privateKeyPem = await generatePrivateKey();
    writeFileSync(keyPath(), privateKeyPem, { mode: 0o600 });
    const props = {
      name: "registry-cluster lab AWS",
      privateKeyPem,
      permitted: { names: ["amazonaws.com"], addresses: [] },
      validityMs: 10 * yearMs,
      now: new Date(),
    };
    writeFileSync(authorityCertificate(), await createAuthorityCertificate(props));
  }
  return authorityCertificate();
}

/** Writes `server.crt` and `server.key` for AWS's host names in a region. */
export async function issueAwsCertificate(region: string, target: string): Promise<void> {
  const authority = {
    certificatePem: readFileSync(await ensureLabAuthority(), "utf8"),
    privateKeyPem: readFileSync(keyPath(), "utf8"),
  };
  const privateKeyPem = await generatePrivateKey();
  const services = ["", "s3.", `${region}.`, `s3.${region}.`, `s3-control.${region}.`];
  const names = services.map((service) => `*.${service}amazonaws.com`);
  const request = { authority, privateKeyPem, names, addresses: [], validityMs: yearMs, now: new Date() };
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "server.crt"), await issueServerCertificate(request));
  writeFileSync(join(target, "server.key"), privateKeyPem, { mode: 0o600 });
}
