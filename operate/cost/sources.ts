import type { Estimate } from "./estimate.ts";
import { type PriceSource, type PriceTable, priceTable } from "./price-table.ts";

/** A source, and the prices in an estimate that come from it. */
export interface UsedSource extends PriceSource {
  readonly prices: readonly string[];
}

/** The sources of an estimate's prices, oldest first; those without a date come last. */
export function sourcesOf({ charges, byUse }: Estimate, { sources }: PriceTable = priceTable): UsedSource[] {
  const priced = [...charges, ...byUse];
  const used = [...new Set(priced.map(({ price }) => price.source))].map((key) => ({
    ...(sources[key] as PriceSource),
    prices: [...new Set(priced.filter(({ price }) => price.source === key).map(({ what }) => what))],
  }));
  return used.sort((a, b) => dayOf(a).localeCompare(dayOf(b), "en"));
}

/** The range of dates of the prices in an estimate's sum. */
export function datesOf(estimate: Estimate, table: PriceTable = priceTable): string {
  const dates = sourcesOf({ ...estimate, byUse: [] }, table).flatMap(({ date }) => date ?? []);
  const [first, last] = [dates.at(0), dates.at(-1)];
  return first === last ? `${first}` : `${first} to ${last}`;
}

/** Sources without a date come last. */
const dayOf = ({ date }: PriceSource) => date ?? "9999";
