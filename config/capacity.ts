/**
 * The least memory of an instance type by its size, in GiB. Families differ from `large` on, where it matters no more.
 */
const leastGiB: Readonly<Record<string, number>> = { micro: 1, small: 2 };
const leastGiBOfLarger = 4;

/**
 * How many connections of clients a proxy takes at once: a quarter of its memory at 64 KiB each, about what one with a long head
 * takes before it has logged in (docs/decisions/0029).
 */
export function clientConnections(instanceType: string): number {
  const size = instanceType.split(".")[1] ?? "";
  const kibibytes = (leastGiB[size] ?? leastGiBOfLarger) * 1024 ** 2;
  return kibibytes / 4 / 64;
}
