import { OperatorError } from "../../common/errors.ts";
import type { MeterName } from "./meters.ts";
import content from "./prices/aws.json" with { type: "json" };

/** Where prices come from. */
export interface PriceSource {
  /** The date of the prices, such as 2025-11-04. @default - not looked up */
  readonly date?: string;
  readonly from: string;
  /** Where to verify them. @default - there is no such record */
  readonly record?: string;
}

/** A price in USD, before tax, on demand. */
export interface Price {
  readonly usd: number;
  /** Key in the table's sources. */
  readonly source: string;
}

/** What things cost in one region. */
export interface RegionalPrices {
  /** Hourly price of an instance with Linux, by type. */
  readonly instanceHour: { readonly source: string; readonly usd: Readonly<Record<string, number>> };
  readonly prices: Readonly<Record<MeterName, Price>>;
}

export interface PriceTable {
  readonly sources: Readonly<Record<string, PriceSource>>;
  readonly regions: Readonly<Record<string, RegionalPrices>>;
}

/** The prices that the repository keeps. */
export const priceTable: PriceTable = content;

/** @throws OperatorError for a region without prices: a sum of zero would look cheap. */
export function pricesIn(region: string, { regions }: PriceTable = priceTable): RegionalPrices {
  const prices = regions[region];
  if (prices) return prices;
  throw new OperatorError(
    `there are no prices for the region '${region}'; there are for ${Object.keys(regions).join(", ")}`,
    {
      fix: `npx tsx operate/cost/update-prices.ts ${region} adds them from AWS's price list`,
    },
  );
}

export function instancePrice({ instanceHour }: RegionalPrices, type: string): Price | undefined {
  const usd = instanceHour.usd[type];
  return usd === undefined ? undefined : { usd, source: instanceHour.source };
}
