import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readOfferFile } from "../../../../operate/cost/offer-file.ts";

/** The beginning of a real file: what it is, its columns, and two rows of a reserved instance. */
const recorded = readFileSync(new URL("AmazonEC2-20250912225308.csv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const columns = (recorded[5] as string).slice(1, -1).split('","');

/** A row of the file, with the columns that matter; the others are empty, as AWS leaves them. */
function row(cells: Record<string, string>): string {
  const all: Record<string, string> = { TermType: "OnDemand", StartingRange: "0", Currency: "USD", ...cells };
  return columns.map((name) => (all[name] ? `"${all[name]}"` : "")).join(",");
}
const read = (...rows: string[]) => readOfferFile([...recorded, ...rows]);
const priceOf = (usageType: string, PricePerUnit: string, more: Record<string, string> = {}) =>
  row({ usageType, PricePerUnit, ...more });
const instance = (usageType: string, price: string, operation = "RunInstances") =>
  priceOf(usageType, price, { operation });

describe("an offer file of AWS's price list", () => {
  it("says its version, and the day on which it was published", async () => {
    expect(await read()).toMatchObject({ version: "20250912225308", date: "2025-09-12" });
  });

  it("has prices of meters under the region's prefix, or without one", async () => {
    expect((await read(priceOf("EU-NatGateway-Hours", "0.0480000000"))).prices).toEqual({ natGatewayHour: 0.048 });
    expect((await read(priceOf("NatGateway-Hours", "0.0450000000"))).prices).toEqual({ natGatewayHour: 0.045 });
  });

  it("has usage of similar names, which is another", async () => {
    const { prices } = await read(
      priceOf("EU-RegionalNatGateway-Hours", "0.0480000000"),
      priceOf("EU-NatGateway-Prvd-Gbps", "1.1640000000"),
      priceOf("USE1WL1-EBS:VolumeUsage.gp3", "0.0960000000"),
    );
    expect(prices).toEqual({});
  });

  it("has the price of an instance with Linux on a shared host, among all others", async () => {
    const { instances } = await read(
      instance("EU-BoxUsage:t3.micro", "0.0114000000"),
      instance("EU-BoxUsage:t3.micro", "0.0206000000", "RunInstances:0002"),
      instance("EU-DedicatedUsage:t3.micro", "0.0121000000"),
      instance("EU-UnusedBox:t3.micro", "0.0114000000"),
    );
    expect(instances).toEqual({ "t3.micro": 0.0114 });
  });

  it("has prices of reserved instances, which are not on demand", async () => {
    const reserved = { TermType: "Reserved", MarketOption: "OnDemand", operation: "RunInstances" };
    expect((await read(priceOf("EU-BoxUsage:t3.micro", "0.0071000000", reserved))).instances).toEqual({});
  });

  it("has prices in steps, of which the first one counts", async () => {
    const { prices } = await read(
      priceOf("EU-NatGateway-Bytes", "0.0480000000"),
      priceOf("EU-NatGateway-Bytes", "0.0240000000", { StartingRange: "10240" }),
    );
    expect(prices).toEqual({ natGatewayGb: 0.048 });
  });

  it("has a price of one request where we say that of a thousand", async () => {
    const ofS3 = recorded.map((line) => line.replace('"OfferCode","AmazonEC2"', '"OfferCode","AmazonS3"'));
    const { prices } = await readOfferFile([...ofS3, priceOf("EU-Requests-Tier1", "0.0000050000")]);
    expect(prices).toEqual({ s3ThousandWrites: 0.005 });
  });

  it("is refused when it has two prices for the same", async () => {
    const rows = [priceOf("EU-NatGateway-Hours", "0.048"), priceOf("EU-NatGateway-Hours", "0.05")];
    await expect(read(...rows)).rejects.toThrow("two prices of natGatewayHour: 0.048 and 0.05");
  });

  it("is refused when it is something else", async () => {
    await expect(readOfferFile(["<html>", "<body>sign in</body>"])).rejects.toThrow("not an offer file");
  });
});
