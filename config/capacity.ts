/**
 * The smallest memory of any instance type of a size, in GiB. From `large` on families differ, but that no longer matters.
 */
const leastGiB: Readonly<Record<string, number>> = { micro: 1, small: 2 };
const leastGiBOfLarger = 4;

/**
 * How many client connections a proxy accepts at once: a quarter of its memory at 64 KiB each, about what a connection with long
 * headers needs before it has logged in (docs/decisions/0029).
 */
export function clientConnections(instanceType: string): number {
  const size = instanceType.split(".")[1] ?? "";
  const kibibytes = (leastGiB[size] ?? leastGiBOfLarger) * 1024 ** 2;
  return kibibytes / 4 / 64;
}
