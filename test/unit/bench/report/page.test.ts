import { describe, expect, it } from "vitest";
import { outageCases } from "../../../bench/outage/cases.ts";
import { meaningOf } from "../../../bench/report/fault-meanings.ts";
import { page } from "../../../bench/report/page.ts";
import { longestStallSurvivedSec } from "../../../bench/report/stalls.ts";
import { outage, throughput, vrrp, vrrpRow } from "./fixture.ts";

const whole = page({ outage, vrrp, throughput });
const lineWith = (start: string) => whole.split("\n").find((line) => line.startsWith(start));

describe("the page of measurements", () => {
  it("says that it is made, and by what", () => {
    expect(whole.split("\n")[0]).toMatch(/^<!-- Made by `npm run bench -- report` from docs\/measurements\/\*\.json/);
  });

  it("says of what was not measured how to measure it, and shows nothing of it", () => {
    const text = page({ vrrp });
    expect(text).toContain("Not measured yet: `npm run bench -- outage --save`.");
    expect(text).toContain("Not measured yet: `npm run bench -- throughput --save`.");
    expect(text.match(/measurements\/\w+\.svg/g)).toEqual(["measurements/vrrp.svg"]);
  });

  it("names the machine and the day of each measurement", () => {
    const line =
      "Measured on 2026-11-22 in the lab, on a machine with 2 cores (Some CPU), 23.5 GiB of memory and Linux 6.1.0.";
    expect(whole.split(line)).toHaveLength(4);
  });

  it("lists every goal, and whether it was met", () => {
    expect(whole).toContain("2 of 4 are met.");
    expect(lineWith("| outage by `node-off`")).toBe("| outage by `node-off`, p95 | 3.40 s | at most 3.52 s | met |");
    expect(lineWith("| outage by `nginx-crash`")).toMatch(/0\.80 s \| at most 0\.50 s \| \*\*missed\*\* \|$/);
    expect(lineWith("| pull, chain, cache cold, 10")).toMatch(/0\.80 \| at least 0\.90 \| \*\*missed\*\* \|$/);
    expect(lineWith("| pull, chain, cache hot, 10")).toMatch(/2\.10 \| at least 2\.00 \| met \|$/);
  });

  it("has a row for each fault", () => {
    expect(lineWith("| `node-off` | 3")).toBe(
      "| `node-off` | 3 | 3.20 | 3.40 | 3.40 | 3.02 | 3.52 | met | 160, 170 | 0 | 0.10 | 1 |",
    );
  });

  it("leaves the limit empty where VRRP has no part in it", () => {
    expect(lineWith("| `nginx-crash` | 3")).toContain("| 0.80 |  | 0.50 | **missed** |");
  });

  it("has no plot of failovers when the address never moved", () => {
    const still = { ...outage, faults: outage.faults.filter(({ fault }) => fault === "nginx-crash") };
    expect(page({ outage: still })).not.toContain("failover.svg");
  });

  it("marks the settings of VRRP that are the default", () => {
    expect(lineWith("| **100 ms x 30** (default)")).toBe(
      "| **100 ms x 30** (default) | 1 s x 2 | 3.10 | 3.30 | 3.40 | 10 | 2 | 0 in 5 | 0 in 5 | 5 in 5 | 0 in 5 |",
    );
    expect(lineWith("| 1 s x 3")).toBeDefined();
  });

  it("says what was lost where loss moved the address", () => {
    expect(whole).toContain("by\nthe loss of 40 % of all adverts for 20 s:");
  });

  it("shows throughput by operation, path and clients, and no ratio of the bare registry to itself", () => {
    const rows = whole.split("\n").filter((line) => /^\| (pull|push) \|/.test(line));
    expect(rows).toEqual([
      "| pull | bare registry | 10 | 200 |  |  |  |",
      "| pull | chain, cache cold | 10 | 160 | 0.80 | 0.90 | **missed** |",
      "| pull | chain, cache hot | 10 | 420 | 2.10 | 2.00 | met |",
      "| push | bare registry | 1 | 100 |  |  |  |",
      "| push | chain | 1 | 90 | 0.90 |  |  |",
    ]);
  });
});

describe("the longest stall survived", () => {
  it("is the longest of those before the first that moved the address", () => {
    const stalls = [
      { stallSec: 4, moves: 0, runs: 5 },
      { stallSec: 2, moves: 1, runs: 5 },
      { stallSec: 1, moves: 0, runs: 5 },
    ];
    expect(longestStallSurvivedSec(vrrpRow({ stalls }))).toBe(1);
  });

  it("is 0 when even the shortest moved it", () => {
    expect(longestStallSurvivedSec(vrrpRow({ stalls: [{ stallSec: 1, moves: 1, runs: 5 }] }))).toBe(0);
  });
});

describe("the meaning of a fault", () => {
  it("is that of the lab's catalogue", () => {
    expect(meaningOf("node-off")).toBe("the machine loses power");
  });

  it.each(outageCases)("is known for each case that is measured: $name", ({ name }) => {
    expect(() => meaningOf(name)).not.toThrow();
  });

  it("must not be missing", () => {
    expect(() => meaningOf("node-gone")).toThrow("nothing says what 'node-gone' means: add it to");
  });
});
