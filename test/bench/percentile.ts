/**
 * The smallest value that at least `percent` of 100 values do not exceed (nearest rank): always a measured value, never an
 * interpolated one. The 95th of 30 values is the second largest.
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("cannot take a percentile of no values");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number;
}
