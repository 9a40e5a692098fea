import "reflect-metadata";
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  webcrypto,
  X509Certificate,
} from "node:crypto";
import * as x509 from "@peculiar/x509";
import ipaddr from "ipaddr.js";
import { nameConstraints, type Permitted } from "./name-constraints.ts";

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** Our own certificate authority: what clients trust, and the key that it signs with. */
export interface Authority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface AuthorityProps {
  /** Common name, which clients show in their list of CAs. */
  readonly name: string;
  readonly privateKeyPem: string;
  /** What it may sign for. Clients refuse its signature on anything else. */
  readonly permitted: Permitted;
  readonly validityMs: number;
  readonly now: Date;
}

export interface ServerCertificateProps {
  readonly authority: Authority;
  readonly privateKeyPem: string;
  /** DNS names of the server. */
  readonly names: readonly string[];
  /** IP addresses of the server. */
  readonly addresses: readonly string[];
  readonly validityMs: number;
  readonly now: Date;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Certificates are valid from a little in the past on, for machines whose clock is slow. */
const clockToleranceMs = hourMs;

/** A server certificate with less time left than this is renewed. */
export const renewalMarginMs = 30 * dayMs;

/** @returns a new ECDSA P-256 private key, as PKCS #8 PEM. */
export async function generatePrivateKey(): Promise<string> {
  const { privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
}

/** @returns the PEM of a self-signed CA certificate. The CA may sign only for the permitted servers, not for other CAs. */
export async function createAuthorityCertificate(props: AuthorityProps): Promise<string> {
  const keys = await cryptoKeys(props.privateKeyPem);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    name: [{ CN: [props.name] }],
    notBefore: new Date(props.now.getTime() - clockToleranceMs),
    notAfter: new Date(props.now.getTime() + props.validityMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], true),
      nameConstraints(props.permitted),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certificate.toString("pem");
}

/** @returns the PEM of a server certificate, which never outlives its CA. */
export async function issueServerCertificate(props: ServerCertificateProps): Promise<string> {
  const issuer = new x509.X509Certificate(props.authority.certificatePem);
  const issuerKeys = await cryptoKeys(props.authority.privateKeyPem);
  const { publicKey } = await cryptoKeys(props.privateKeyPem);
  const notAfter = Math.min(props.now.getTime() + props.validityMs, issuer.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    // Only for human readers: clients check only the alternative names, which are not limited to 64 characters.
    subject: [{ CN: [props.names.find((name) => name.length <= 64) ?? "registry"] }],
    issuer: issuer.subject,
    notBefore: new Date(props.now.getTime() - clockToleranceMs),
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: issuerKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...props.names.map((value) => ({ type: "dns" as const, value })),
        ...props.addresses.map((value) => ({ type: "ip" as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuerKeys.publicKey),
    ],
  });
  return certificate.toString("pem");
}

/** @returns whether clients would accept the certificate for all of these names and addresses. */
export function certificateCovers(pem: string, names: readonly string[], addresses: readonly string[]): boolean {
  const certificate = new X509Certificate(pem);
  return (
    names.every((name) => certificate.checkHost(name, { subject: "never" }) !== undefined) &&
    addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

/** @returns the DNS names in the certificate. */
export function namesOf(pem: string): string[] {
  return alternativeNames(pem, "DNS:");
}

/** @returns the IP addresses in the certificate. */
export function addressesOf(pem: string): string[] {
  return alternativeNames(pem, "IP Address:").map((address) => ipaddr.parse(address).toString());
}

/** @returns how many milliseconds the certificate is still valid; negative when it has expired. */
export function certificateTimeLeftMs(pem: string, now: Date): number {
  return Date.parse(new X509Certificate(pem).validTo) - now.getTime();
}

/** @returns why the certificate must be renewed, or undefined when it need not be. */
export function renewalReason(
  certificatePem: string,
  { authority, privateKeyPem, names, addresses, now }: Omit<ServerCertificateProps, "validityMs">,
): string | undefined {
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.verify(publicKeyOf(authority.privateKeyPem))) return "it is signed by another authority";
  if (!belongsTogether(certificatePem, privateKeyPem)) return "it belongs to another private key";
  if (!certificateCovers(certificatePem, names, addresses)) return "names or addresses have changed";
  const timeLeftMs = certificateTimeLeftMs(certificatePem, now);
  if (timeLeftMs < renewalMarginMs) return `it has ${Math.max(0, Math.floor(timeLeftMs / dayMs))} days left`;
  return undefined;
}

/** @returns whether the certificate was made for this private key. */
export function belongsTogether(certificatePem: string, privateKeyPem: string): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

function alternativeNames(pem: string, kind: string): string[] {
  const names = new X509Certificate(pem).subjectAltName?.split(", ") ?? [];
  return names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length));
}

async function cryptoKeys(privateKeyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  const privateKey = createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const publicKey = publicKeyOf(privateKeyPem).export({ type: "spki", format: "der" });
  return {
    privateKey: await subtle.importKey("pkcs8", privateKey, algorithm, false, ["sign"]),
    publicKey: await subtle.importKey("spki", publicKey, algorithm, true, ["verify"]),
  };
}

function publicKeyOf(privateKeyPem: string): KeyObject {
  return createPublicKey(createPrivateKey(privateKeyPem));
}

/** Random, positive and always of the same length. */
function randomSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
