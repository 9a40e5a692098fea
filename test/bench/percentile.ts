/**
 * The smallest of the values that at least `percent` of 100 of them do not exceed (nearest rank): always a value that was
 * measured, never one in between. The 95th of 30 values is the second largest.
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("no values, so no percentile");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number;
}
