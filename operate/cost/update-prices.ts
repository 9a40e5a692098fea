/**
 * Writes AWS's current prices into operate/cost/prices/aws.json: npx tsx operate/cost/update-prices.ts [REGION ...], by default every region
 * that the table has. Needs the internet, but no AWS account. Reads several hundred megabytes per region.
 */
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { type OfferCode, offerCodes } from "./meters.ts";
import { type OfferPrices, readOfferFile } from "./offer-file.ts";
import { priceTable } from "./price-table.ts";
import { offerFileUrl, withOffers } from "./updated-table.ts";

const given = process.argv.slice(2);
const regions = given.length > 0 ? given : Object.keys(priceTable.regions);

let table = priceTable;
for (const region of regions) {
  const offers: Partial<Record<OfferCode, OfferPrices>> = {};
  for (const offer of offerCodes) {
    console.log(`reading ${offer} of ${region}`);
    offers[offer] = await readOfferFile(await linesOf(offerFileUrl(offer, region)));
  }
  table = withOffers(table, region, offers);
}
const file = new URL("prices/aws.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(table, undefined, 2)}\n`);
console.log("operate/cost/prices/aws.json is written: read the diff, then npm run docs");

async function linesOf(url: string): Promise<AsyncIterable<string>> {
  const { ok, status, body } = await fetch(url);
  if (!ok || !body) throw new Error(`${url} answered ${status}: check the region's name, and that AWS can be reached`);
  return createInterface({ input: Readable.fromWeb(body as ReadableStream) });
}
