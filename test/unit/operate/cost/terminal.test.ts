import { describe, expect, it } from "vitest";
import { estimate } from "../../../../operate/cost/estimate.ts";
import { meterNames } from "../../../../operate/cost/meters.ts";
import { type PriceTable, pricesIn } from "../../../../operate/cost/price-table.ts";
import { datesOf, sourcesOf } from "../../../../operate/cost/sources.ts";
import { formatEstimate } from "../../../../operate/cost/terminal.ts";
import { resource } from "../../lab/support.ts";

const table: PriceTable = {
  sources: {
    instances: { date: "2030-02-03", from: "a list of instances" },
    others: { date: "2030-01-02", from: "a list of others" },
    memory: { from: "from memory, not looked up" },
  },
  regions: {
    "eu-west-1": {
      instanceHour: { source: "instances", usd: { "t3.micro": 0.0114 } },
      prices: Object.fromEntries(
        meterNames.map((name) => [name, { usd: 0.005, source: name === "t3CreditHour" ? "memory" : "others" }]),
      ) as PriceTable["regions"][string]["prices"],
    },
  },
};
const instance = (type: string) => resource("aws_instance", "one", { instance_type: type });
const ofResources = (...resources: ReturnType<typeof resource>[]) =>
  estimate({ folder: "/anywhere", resources }, pricesIn("eu-west-1", table));
const rowOf = (text: string, start: string) =>
  text
    .split("\n")
    .find((line) => line.startsWith(`│ ${start} `))
    ?.split("│")
    .map((cell) => cell.trim())
    .slice(1, -1);

describe("an estimate on the terminal", () => {
  const text = formatEstimate(ofResources(instance("t3.micro"), resource("aws_eip", "one")), "eu-west-1", table);

  it("has a row for every resource: quantity, unit price and what a month costs", () => {
    expect(rowOf(text, "aws_instance.one")).toEqual(["aws_instance.one", "t3.micro", "1", "0.0114", "hour", "8.32"]);
  });

  it("has the sum of every kind, and of all", () => {
    expect(rowOf(text, "public IPv4 addresses")?.at(-1)).toBe("3.65");
    expect(rowOf(text, "together")?.at(-1)).toBe("11.97");
  });

  it("has the prices of what comes with use", () => {
    expect(rowOf(text, "traffic between zones,")?.slice(1)).toEqual(["0.005", "GB"]);
  });

  it("says from when and where the prices are", () => {
    expect(text).toMatch(/2030-02-03 {2}a list of instances\n +for t3\.micro/);
  });

  it("says what the sum leaves out, beside the sum and in full", () => {
    const partly = formatEstimate(ofResources(instance("x2idn.large")), "eu-west-1", table);
    expect(rowOf(partly, "together, without what has no price")?.at(-1)).toBe("0.00");
    expect(partly).toContain("! aws_instance.one: no price for x2idn.large in this region: left out of the sum");
  });
});

describe("the sources of an estimate", () => {
  const found = ofResources(instance("t3.micro"));

  it("name what they price, the oldest first and what was not looked up last", () => {
    expect(sourcesOf(found, table)).toMatchObject([
      { date: "2030-01-02", prices: expect.arrayContaining(["traffic between zones, in each direction"]) },
      { date: "2030-02-03", prices: ["t3.micro"] },
      { from: "from memory, not looked up", prices: ["t3 instances, CPU beyond earned credits"] },
    ]);
  });

  it("have their days, of what is in the sum", () => {
    expect(datesOf(found, table)).toBe("2030-02-03");
    expect(datesOf(ofResources(instance("t3.micro"), resource("aws_eip", "one")), table)).toBe(
      "2030-01-02 to 2030-02-03",
    );
  });
});
