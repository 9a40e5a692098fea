import sizesByFamily from "./instance-types.json" with { type: "json" };

/**
 * What is known of EC2's instance types: their names as AWS ships them with its SDK, written by update-instance-types.ts.
 * A family that is not among them may be newer than this program, and is left to AWS.
 */
const families = new Map(Object.entries(sizesByFamily).map(([family, sizes]) => [family, sizes.split(" ")]));
const allSizes = new Set([...families.values()].flat());

/** AWS marks its arm64 families by a `g` after the generation; a1 is older, and GB200 is a Grace processor with GPUs. */
const arm64 = /^([a-z]+\d+[a-z]*g|a1$|.*-gb\d)/;

/** Apple's machines run macOS only; the oldest families boot images by paravirtualization, which Debian 12's are not made for. */
const bootsNoDebian = /^(mac\d*|mac-.*|t1|m1|m2|c1|cc\d|cg1|cr1|hi1|hs1)(-|$)/;

/** With half a GiB a node cannot install its packages. */
const tooSmall = ["nano"];

/** Why a node cannot be of an instance type. */
export type InstanceTypeDefect =
  | { readonly kind: "arm64" | "boots no Debian" | "too small" }
  | { readonly kind: "unknown"; readonly sizes: readonly string[] };

/** @returns undefined for a type that will do */
export function instanceTypeDefect(type: string): InstanceTypeDefect | undefined {
  const [family = "", size = ""] = type.split(".");
  const sizes = families.get(family);
  if (sizes ? !sizes.includes(size) : !allSizes.has(size)) return { kind: "unknown", sizes: sizes ?? [...allSizes] };
  if (arm64.test(family)) return { kind: "arm64" };
  if (bootsNoDebian.test(family)) return { kind: "boots no Debian" };
  if (tooSmall.includes(size)) return { kind: "too small" };
  return undefined;
}
