import { AsnConvert } from "@peculiar/asn1-schema";
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import ipaddr from "ipaddr.js";

/** What a CA may sign for. */
export interface Permitted {
  /** DNS names, each including all names below it. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

const allAddresses = ["0.0.0.0/0", "::/0"];

/** @returns the extension that makes clients refuse the CA's signature on anything else. */
export function nameConstraints({ names, addresses }: Permitted): x509.Extension {
  const permitted = [...names.map(dns), ...addresses.map((address) => range(`${address}/${bitsOf(address)}`))];
  // A kind of name that is not mentioned would not be limited at all.
  const excluded = addresses.length === 0 ? allAddresses.map(range) : [];
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(permitted),
    excludedSubtrees: excluded.length > 0 ? new GeneralSubtrees(excluded) : undefined,
  });
  return new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}

/** @returns what the CA may sign for, or undefined when it may sign for anything. */
export function permittedBy(authorityPem: string): Permitted | undefined {
  const extension = new x509.X509Certificate(authorityPem).getExtension(id_ce_nameConstraints);
  if (!extension) return undefined;
  const { permittedSubtrees = [] } = AsnConvert.parse(extension.value, NameConstraints);
  const bases = [...permittedSubtrees].map(({ base }) => base);
  return {
    names: bases.flatMap(({ dNSName }) => dNSName ?? []),
    addresses: bases.flatMap(({ iPAddress }) => iPAddress?.replace(/\/(32|128)$/, "") ?? []),
  };
}

/** @returns the names and addresses that the CA may not sign for. */
export function beyond(authorityPem: string, { names, addresses }: Permitted): string[] {
  const permitted = permittedBy(authorityPem);
  if (!permitted) return [];
  const above = (name: string) => permitted.names.some((base) => name === base || name.endsWith(`.${base}`));
  return [
    ...names.filter((name) => !above(name)),
    ...addresses.filter((address) => !permitted.addresses.some((other) => sameAddress(address, other))),
  ];
}

/** As text for people. */
export function formatPermitted({ names, addresses }: Permitted): string {
  return [`${names.join(", ")} and the names below`, addresses.join(", ") || "no address"].join("; ");
}

const dns = (dNSName: string) => new GeneralSubtree({ base: new GeneralName({ dNSName }) });
const range = (iPAddress: string) => new GeneralSubtree({ base: new GeneralName({ iPAddress }) });
const bitsOf = (address: string) => (ipaddr.parse(address).kind() === "ipv4" ? 32 : 128);
const sameAddress = (one: string, other: string) =>
  ipaddr.parse(one).toNormalizedString() === ipaddr.parse(other).toNormalizedString();
