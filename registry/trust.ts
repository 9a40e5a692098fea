import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { OperatorError } from "../common/errors.ts";
import { whyUnreadable } from "../common/system-errors.ts";
import type { ImageName } from "../config/image-name.ts";

/** Where Docker, Podman and Buildah look for a registry's CA certificate. */
const ofRegistries = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/** The trusted CAs of Debian and of Fedora. Node.js itself trusts only those that it ships with. */
const ofSystems = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/**
 * A registry's CA certificate, where container tools look for it.
 *
 * @returns its file, if there is one
 */
export function certificateFileOf({ host }: ImageName): string | undefined {
  return ofRegistries.map((folder) => `${folder}/${host}/ca.crt`).find((file) => existsSync(file));
}

/**
 * All CAs that may have issued a registry's certificate.
 *
 * @throws OperatorError if a file is not a certificate
 */
export function authorities(caFile: string | undefined): string[] {
  const files = [...ofSystems.filter((file) => existsSync(file)), ...(caFile === undefined ? [] : [caFile])];
  return [...rootCertificates, ...files.map(readCertificates)];
}

function readCertificates(file: string): string {
  const refuse = (cause: string) =>
    new OperatorError(`no certificate in ${file}`, { cause, fix: "--ca-file takes a file in PEM format" });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw refuse(whyUnreadable(error));
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refuse("it is not in PEM format");
  if (!isCertificate(text)) throw refuse("its certificate is damaged");
  return text;
}

/** Checks the first certificate in a text. */
function isCertificate(text: string): boolean {
  try {
    return Boolean(new X509Certificate(text));
  } catch {
    return false;
  }
}
