import { describe, expect, it } from "vitest";
import { meterNames } from "../../../../operate/cost/meters.ts";
import type { OfferPrices } from "../../../../operate/cost/offer-file.ts";
import { type PriceTable, priceTable } from "../../../../operate/cost/price-table.ts";
import { withOffers } from "../../../../operate/cost/updated-table.ts";

const ec2: OfferPrices = {
  version: "20300101000000",
  date: "2030-01-01",
  prices: { natGatewayHour: 0.06 },
  instances: { "t3.micro": 0.02, "x9.huge": 99 },
};
const before = priceTable.regions["eu-west-1"];

describe("a table of prices with new offer files", () => {
  const table = withOffers(priceTable, "eu-west-1", { AmazonEC2: ec2 });
  const after = table.regions["eu-west-1"];

  it("has their prices, with the file and its day as the source", () => {
    const source = after?.prices.natGatewayHour.source as string;
    expect(after?.prices.natGatewayHour.usd).toBe(0.06);
    expect(table.sources[source]).toEqual({
      date: "2030-01-01",
      from: "AWS Price List, offer file AmazonEC2 20300101000000",
      record: "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/20300101000000/eu-west-1/index.csv",
    });
  });

  it("has the instance types that it had, as far as they are offered, and no others", () => {
    expect(after?.instanceHour.usd).toEqual({ "t3.micro": 0.02 });
  });

  it("keeps what the files do not have, with its source", () => {
    expect(after?.prices.t3CreditHour).toEqual(before?.prices.t3CreditHour);
    expect(table.regions["us-east-1"]).toEqual(priceTable.regions["us-east-1"]);
  });

  it("keeps no source that nothing is from", () => {
    const one: PriceTable = { sources: priceTable.sources, regions: { "eu-west-1": before! } };
    const every = Object.fromEntries(meterNames.map((name) => [name, 1]));
    const { sources } = withOffers(one, "eu-west-1", { AmazonEC2: { ...ec2, prices: every } });
    expect(Object.keys(sources)).toEqual(["AmazonEC2 20300101000000 eu-west-1"]);
  });

  it("has a new region, with what is the same everywhere from the others", () => {
    const listed = meterNames.filter((name) => name !== "t3CreditHour");
    const prices = Object.fromEntries(listed.map((name) => [name, 1]));
    const { regions } = withOffers(priceTable, "xx-nowhere-9", { AmazonEC2: { ...ec2, prices } });
    expect(regions["xx-nowhere-9"]?.prices).toMatchObject({
      natGatewayHour: { usd: 1 },
      t3CreditHour: before?.prices.t3CreditHour,
    });
  });

  it("is refused for a new region of which a price is missing", () => {
    expect(() => withOffers(priceTable, "xx-nowhere-9", { AmazonEC2: ec2 })).toThrow(/no price of \w+ in xx-nowhere-9/);
  });
});
