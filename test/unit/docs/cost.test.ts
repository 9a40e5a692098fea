import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../config/load.ts";
import { planTopology } from "../../../config/plan.ts";
import { doc, rowsBelow } from "./support.ts";

const { nodes, proxies } = planTopology(loadConfig("cluster.yml"));
const cost = doc("docs/cost.md");
const hoursPerMonth = 730;

/** USD a month, by what is priced. */
const prices = new Map(
  rowsBelow(cost, "| price of | USD | per |").map(([what, usd, per]) => [
    what,
    Number(usd) * (per === "hour" ? hoursPerMonth : 1),
  ]),
);
const rows = new Map(
  rowsBelow(cost, "| resource | count | USD a month |").map(([what, count, usd]) => [what, { count, usd }]),
);

/** What the plan of cluster.yml has. The holder's own public address gives way to the service address. */
const planned = [
  { row: "instances (t3.micro)", price: "t3.micro", count: nodes.length },
  {
    row: "public IPv4 addresses: service, bastion, other proxies",
    price: "public IPv4 address",
    count: proxies.length + 1,
  },
  {
    row: "EC2 endpoint, zones",
    price: "interface endpoint, per zone",
    count: new Set(proxies.map((proxy) => proxy.subnet.zone)).size,
  },
  {
    row: "volumes (gp3), GiB",
    price: "gp3 volume, per GiB",
    count: nodes.reduce((sum, node) => sum + node.rootVolumeGiB, 0),
  },
];
const costOf = ({ price, count }: (typeof planned)[number]) => (prices.get(price) ?? Number.NaN) * count;

describe("the monthly cost", () => {
  it.each(planned)("of $row follows from the plan and the list of prices", (item) => {
    expect(rows.get(item.row)).toEqual({ count: String(item.count), usd: costOf(item).toFixed(2) });
  });

  it("is the sum of its rows", () => {
    const sum = planned.reduce((total, item) => total + costOf(item), 0);
    expect(rows.get("**together**")?.usd).toBe(`**${sum.toFixed(2)}**`);
  });

  it("of the other ways out follows from the list of prices", () => {
    const [gateway, address, endpoint] = ["NAT gateway", "public IPv4 address", "interface endpoint, per zone"].map(
      (name) => prices.get(name) as number,
    );
    expect(cost.text).toContain(`nat-gateway\` adds ${(gateway! + address!).toFixed(2)} a month`);
    expect(cost.text).toContain(`none\` adds ${(2 * endpoint!).toFixed(2)}:`);
  });

  it("covers instance types that the price list has", () => {
    expect(new Set(nodes.map((node) => node.instanceType))).toEqual(new Set(["t3.micro"]));
  });
});
