import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { OperatorError } from "../../operator/errors.ts";
import { meaningOf } from "../../operator/system-errors.ts";
import type { ImageName } from "./reference.ts";

/** Where Docker, and where Podman and Buildah, look for the certificate of one registry. */
const ofRegistries = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/** What Debian, and what Fedora trust. Node itself trusts only what it brings along. */
const ofSystems = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/**
 * The certificate that was put where container tools look for that of a registry's authority.
 *
 * @returns its file, if there is one
 */
export function certificateFileOf({ host }: ImageName): string | undefined {
  return ofRegistries.map((folder) => `${folder}/${host}/ca.crt`).find((file) => existsSync(file));
}

/**
 * All authorities that a registry's certificate may be of.
 *
 * @throws OperatorError for a file that is no certificate
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
    throw refuse(meaningOf((error as NodeJS.ErrnoException).code)?.problem ?? "it cannot be read");
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refuse("it is not in PEM format");
  if (!isCertificate(text)) throw refuse("its certificate is damaged");
  return text;
}

/** The first one in a text. */
function isCertificate(text: string): boolean {
  try {
    return Boolean(new X509Certificate(text));
  } catch {
    return false;
  }
}
