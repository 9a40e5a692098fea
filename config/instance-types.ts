import sizesByFamily from "./instance-types.json" with { type: "json" };

/**
 * The names of EC2 instance types that AWS ships with its SDK, written by update-instance-types.ts.
 * An unknown family may be newer than this program, so AWS decides about it.
 */
const families = new Map(Object.entries(sizesByFamily).map(([family, sizes]) => [family, sizes.split(" ")]));
const allSizes = new Set([...families.values()].flat());

/** AWS marks arm64 families by a `g` after the generation; a1 is older than that rule, and GB200 is a Grace processor with GPUs. */
const arm64 = /^([a-z]+\d+[a-z]*g|a1$|.*-gb\d)/;

/** Apple's machines run macOS only; the oldest families boot paravirtual images, which Debian 12 does not offer. */
const bootsNoDebian = /^(mac\d*|mac-.*|t1|m1|m2|c1|cc\d|cg1|cr1|hi1|hs1)(-|$)/;

/** A node with half a GiB cannot install its packages. */
const tooSmall = ["nano"];

/** Why a node cannot be of an instance type. */
export type InstanceTypeDefect =
  | { readonly kind: "arm64" | "boots no Debian" | "too small" }
  | { readonly kind: "unknown"; readonly sizes: readonly string[] };

/** @returns undefined for a suitable type */
export function instanceTypeDefect(type: string): InstanceTypeDefect | undefined {
  const [family = "", size = ""] = type.split(".");
  const sizes = families.get(family);
  if (sizes ? !sizes.includes(size) : !allSizes.has(size)) return { kind: "unknown", sizes: sizes ?? [...allSizes] };
  if (arm64.test(family)) return { kind: "arm64" };
  if (bootsNoDebian.test(family)) return { kind: "boots no Debian" };
  if (tooSmall.includes(size)) return { kind: "too small" };
  return undefined;
}
