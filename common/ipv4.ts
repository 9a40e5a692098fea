import ipaddr from "ipaddr.js";

/** IPv4 arithmetic on text. The schema has checked that every `cidr` is valid. */

const { IPv4 } = ipaddr;

/** AWS reserves the first four addresses of every subnet (network, router, resolver, future use) and the last (broadcast). */
export const firstUsableHost = 4;

/** Splits a network into sixteen subnets of equal size, in order. */
export function sixteenths(cidr: string): string[] {
  const prefix = prefixLength(cidr) + 4;
  const size = 2 ** (32 - prefix);
  return Array.from({ length: 16 }, (_, block) => `${hostAddress(cidr, block * size)}/${prefix}`);
}

/** @returns the address `host` places after the network's first one */
export function hostAddress(cidr: string, host: number): string {
  return toText(firstNumber(cidr) + host);
}

/** @returns the last address that AWS leaves to instances in a subnet, or the one `before` places before it */
export function lastUsableAddress(cidr: string, before = 0): string {
  return toText(lastNumber(cidr) - 1 - before);
}

/** @returns the CIDR with the bits after its prefix cleared: `10.0.0.5/16` becomes `10.0.0.0/16` */
export function withoutHostBits(cidr: string): string {
  return `${IPv4.networkAddressFromCIDR(cidr)}/${prefixLength(cidr)}`;
}

export function prefixLength(cidr: string): number {
  return IPv4.parseCIDR(cidr)[1];
}

export function overlap(one: string, other: string): boolean {
  return firstNumber(one) <= lastNumber(other) && firstNumber(other) <= lastNumber(one);
}

export function isInside(inner: string, outer: string): boolean {
  return firstNumber(outer) <= firstNumber(inner) && lastNumber(inner) <= lastNumber(outer);
}

function firstNumber(cidr: string): number {
  return toNumber(IPv4.networkAddressFromCIDR(cidr));
}

function lastNumber(cidr: string): number {
  return toNumber(IPv4.broadcastAddressFromCIDR(cidr));
}

function toNumber(address: ipaddr.IPv4): number {
  return address.octets.reduce((number, octet) => number * 256 + octet, 0);
}

function toText(number: number): string {
  return new IPv4([24, 16, 8, 0].map((shift) => (number >>> shift) & 255)).toString();
}
