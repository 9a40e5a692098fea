import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { colours } from "../../../bench/report/plots/colours.ts";
import { svgOf } from "../../../bench/report/plots/picture.ts";
import { renderReport } from "../../../bench/report/render.ts";
import { outage, throughput, vrrp } from "./fixture.ts";

const results = { outage, vrrp, throughput };
const plots = [...renderReport(results)].filter(([name]) => name.endsWith(".svg"));
const textsOf = (svg: string) =>
  [...parseHTML(svg).document.querySelectorAll("text")].map((text) => text.textContent as string);
const plot = (name: string) => new Map(plots).get(`measurements/${name}.svg`) as string;

describe.each(plots)("%s", (name, svg) => {
  it("is the same, byte by byte, for the same data", () => {
    expect(renderReport(results).get(name)).toBe(svg);
  });

  it("has a page of its own, which is dark in dark mode", () => {
    expect(svg).toContain(`<rect fill="${colours.page.light}"`);
    expect(svg).toMatch(
      /@media \(prefers-color-scheme: dark\) \{\nsvg \{ color: #\w+; \}\n\[fill="#ffffff"\] \{ fill: #0d1117; \}/,
    );
  });

  it("uses no colour but those that have a dark one", () => {
    const drawn = svg.slice(svg.indexOf("</style>"));
    const used = new Set([...drawn.matchAll(/(?:fill|stroke)="(#[^"]+)"/g)].map((match) => match[1]));
    const known: readonly string[] = Object.values(colours).map(({ light }) => light);
    expect([...used].filter((colour) => !known.includes(colour as string))).toEqual([]);
  });

  it("has no coordinate finer than a hundredth of a pixel", () => {
    expect(svg).not.toMatch(/="[^"]*\d\.\d{3}/);
  });

  it("describes itself to who cannot see it", () => {
    expect(svg).toMatch(/<desc id="desc">.*\d\.\d\d.*<\/desc>/);
  });
});

describe("the plot of outages", () => {
  it("has a dot for each run, and one in its legend", () => {
    expect(plot("outage").match(/<circle /g)).toHaveLength(3 + 3 + 1);
  });

  it("says which goals were met", () => {
    expect(textsOf(plot("outage"))).toEqual(expect.arrayContaining(["p95 3.40 s ✓", "p95 0.80 s ✗"]));
  });
});

describe("the plot of failovers", () => {
  it("shows only faults that moved the address", () => {
    expect(textsOf(plot("failover"))).toContain("node-off");
    expect(textsOf(plot("failover"))).not.toContain("nginx-crash");
  });

  it("is not there when none did", () => {
    const still = { ...outage, faults: outage.faults.filter(({ fault }) => fault === "nginx-crash") };
    expect([...renderReport({ outage: still }).keys()]).toEqual(["measurements.md", "measurements/outage.svg"]);
  });

  it("writes the length of each part, and the sum", () => {
    expect(textsOf(plot("failover"))).toEqual(expect.arrayContaining(["3.00", "3.15"]));
  });
});

describe("the plot of throughput", () => {
  it("has a bar for every path but the bare registry, which is the line at 1", () => {
    expect(textsOf(plot("throughput"))).toEqual(expect.arrayContaining(["2.10 ✓", "0.80 ✗", "0.90"]));
    expect(textsOf(plot("throughput"))).not.toContain("pull: bare registry");
  });
});

describe("a picture", () => {
  it("escapes what would be markup", () => {
    const picture = { title: "a < b & c", subtitle: "", keys: [], description: "", height: 40, plot: { marks: [] } };
    expect(svgOf(picture)).toContain(">a &lt; b &amp; c</text>");
  });
});
