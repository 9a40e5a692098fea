import { describe, expect, it } from "vitest";
import { meterNames } from "../../../../operate/cost/meters.ts";
import { instancePrice, pricesIn, priceTable } from "../../../../operate/cost/price-table.ts";

const regions = Object.entries(priceTable.regions);

describe.each(regions)("the prices of %s", (_region, { instanceHour, prices }) => {
  it("are there for everything that the plan can be billed for", () => {
    expect(Object.keys(prices).sort()).toEqual([...meterNames].sort());
  });

  it("are all above zero", () => {
    const all = [...Object.values(prices).map(({ usd }) => usd), ...Object.values(instanceHour.usd)];
    expect(all.filter((usd) => !(usd > 0))).toEqual([]);
  });

  it("all say where they are from", () => {
    const named = [instanceHour.source, ...Object.values(prices).map(({ source }) => source)];
    expect(named.filter((source) => !(source in priceTable.sources))).toEqual([]);
  });

  it("double with the size of a t3 instance", () => {
    const sizes = ["nano", "micro", "small", "medium", "large", "xlarge"].map(
      (size) => instanceHour.usd[`t3.${size}`]!,
    );
    // AWS rounds to a hundredth of a cent
    for (const [i, usd] of sizes.slice(1).entries()) expect(usd / sizes[i]!).toBeCloseTo(2, 1);
  });
});

describe("the sources of prices", () => {
  it("have a day, all but what is from memory and says so", () => {
    for (const { date, from } of Object.values(priceTable.sources)) {
      if (date === undefined) expect(from).toBe("from memory, not looked up");
      else expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });

  it("are from memory for traffic and CPU credits at most: never for what is in the sum", () => {
    const fromMemory = regions.flatMap(([, { prices }]) =>
      meterNames.filter((name) => prices[name].source === "memory"),
    );
    const allowed = ["betweenZonesGb", "internetGb", "t3CreditHour"];
    expect(fromMemory.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

describe("looking up a price", () => {
  it("fails in a region that the table does not have, and says which it has and how to add it", () => {
    expect(() => pricesIn("xx-nowhere-9")).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/no prices for the region 'xx-nowhere-9'; there are for eu-west-1, /),
        details: { fix: expect.stringContaining("operate/cost/update-prices.ts xx-nowhere-9") },
      }),
    );
  });

  it("finds none for an instance type that the table does not have", () => {
    expect(instancePrice(pricesIn("eu-west-1"), "x2idn.large")).toBeUndefined();
  });
});
