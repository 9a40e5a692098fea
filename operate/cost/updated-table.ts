import { type Meter, type MeterName, meterNames, meters, type OfferCode } from "./meters.ts";
import type { OfferPrices } from "./offer-file.ts";
import type { Price, PriceSource, PriceTable, RegionalPrices } from "./price-table.ts";

/** Where AWS publishes its price list. Public. */
export function offerFileUrl(offer: OfferCode, region: string, version = "current"): string {
  return `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/${version}/${region}/index.csv`;
}

/**
 * The table with a region's prices from offer files. Prices that are not in the files stay, with their sources.
 *
 * @throws Error for a price that is neither in the files nor in the table.
 */
export function withOffers(
  table: PriceTable,
  region: string,
  offers: Readonly<Partial<Record<OfferCode, OfferPrices>>>,
): PriceTable {
  const former = table.regions[region]?.prices;
  const sources: Record<string, PriceSource> = {};
  const found: Partial<Record<MeterName, Price>> = {};
  for (const [offer, { version, date, prices }] of Object.entries(offers)) {
    const source = `${offer} ${version} ${region}`;
    sources[source] = {
      date,
      from: `AWS Price List, offer file ${offer} ${version}`,
      record: offerFileUrl(offer as OfferCode, region, version),
    };
    for (const [name, usd] of Object.entries(prices)) found[name as MeterName] = { usd, source };
  }
  const prices = Object.fromEntries(
    meterNames.map((name) => [
      name,
      found[name] ?? former?.[name] ?? sameEverywhere(table, name) ?? missing(name, region),
    ]),
  ) as RegionalPrices["prices"];
  const instanceHour = instancesOf(table, region, offers.AmazonEC2) ?? missing("instances", region);
  const regions = { ...table.regions, [region]: { instanceHour, prices } };
  return { sources: usedSources({ ...table.sources, ...sources }, regions), regions };
}

function sameEverywhere({ regions }: PriceTable, name: MeterName): Price | undefined {
  const { listed }: Meter = meters[name];
  return listed ? undefined : Object.values(regions)[0]?.prices[name];
}

/** Of the types that the table has for any region, those that this region offers. */
function instancesOf(
  { regions }: PriceTable,
  region: string,
  offer: OfferPrices | undefined,
): RegionalPrices["instanceHour"] | undefined {
  if (!offer) return regions[region]?.instanceHour;
  const types = new Set(Object.values(regions).flatMap(({ instanceHour }) => Object.keys(instanceHour.usd)));
  const offered = [...types].filter((type) => offer.instances[type] !== undefined);
  return {
    source: `AmazonEC2 ${offer.version} ${region}`,
    usd: Object.fromEntries(offered.map((type) => [type, offer.instances[type] as number])),
  };
}

function usedSources(sources: PriceTable["sources"], regions: PriceTable["regions"]): PriceTable["sources"] {
  const used = Object.values(regions).flatMap(({ instanceHour, prices }) => [
    instanceHour.source,
    ...Object.values(prices).map(({ source }) => source),
  ]);
  return Object.fromEntries(Object.entries(sources).filter(([name]) => used.includes(name)));
}

function missing(name: string, region: string): never {
  throw new Error(
    `the price list has no price of ${name} in ${region}: give it in operate/cost/prices/aws.json by hand`,
  );
}
