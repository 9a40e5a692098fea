import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../config/load.ts";
import { evidenceOf } from "../../faults/checker.ts";
import { limitsOf } from "../../faults/limits.ts";
import { outcomesOf } from "../../faults/outcomes.ts";
import { formatOutcomes, formatVerdicts } from "../../faults/report.ts";
import { type Changes, minimalText } from "../config/minimal.ts";
import { goodHistory, healedAt, inOrder, pull, struckAt } from "./histories.ts";

const outcomes = (...more: ReturnType<typeof pull>[]) =>
  outcomesOf(evidenceOf(inOrder([...goodHistory(), ...more.flat()])));

describe("what a fault cost", () => {
  it("counts the operations from the fault until the time the cluster has after its healing, and no others", () => {
    const [outcome] = outcomes(
      pull(7, struckAt + 1, "m", "t", { result: "failed" }),
      pull(8, healedAt + 5, "m"),
      pull(9, healedAt + 15, "m", "t", { result: "failed" }),
    );
    expect(outcome).toMatchObject({ fault: "nginx-stop", node: "proxy-1", ok: 1, failed: 1 });
  });

  it("has the longest time without a success", () => {
    // From 20 to 50 s: successes at 27 s and 46 s.
    const [outcome] = outcomes(pull(8, struckAt + 6, "m"), pull(9, struckAt + 25, "m"));
    expect(outcome?.longestGapSec).toBe(19);
  });

  it("has the moves of the address, and how long it was wrong", () => {
    expect(outcomes()[0]).toMatchObject({ moves: 1, rightAfterSec: 3 });
  });

  it("tells from which moment on a proxy was not there, not when its silence was noticed", () => {
    const silent = goodHistory().filter(
      (event) => !(event.type === "proxy" && event.node === "proxy-1" && event.at >= 1_000_000 + struckAt * 1_000),
    );
    expect(outcomesOf(evidenceOf(silent))[0]?.rightAfterSec).toBe(3);
  });
});

describe("the report", () => {
  it("has a line for each kind of fault, with sums and the worst cases", () => {
    const [outcome] = outcomes();
    const table = formatOutcomes([outcome!, { ...outcome!, ok: 5, failed: 2, longestGapSec: 4, moves: 2 }]);
    expect(table.split("\n").filter((line) => line.includes("nginx-stop"))).toHaveLength(1);
    expect(table).toMatch(/nginx-stop +│ holder +│ 2 +│ 5 +│ 2 +│ 30.0 s +│ 2 +│ 3.0 s/);
  });

  it("shows the first counterexamples of an invariant, and how many more there are", () => {
    const counterexamples = Array.from({ length: 7 }, (_, index) => `wrong ${index}`);
    const text = formatVerdicts([
      { invariant: "few moves", meaning: "few", holds: false, checked: 9, counterexamples },
    ]);
    expect(text).toBe(
      [
        "✖ few moves (9 checked): few",
        ...counterexamples.slice(0, 5).map((line) => `    ${line}`),
        "    and 2 more",
      ].join("\n"),
    );
  });
});

describe("the time that the cluster has", () => {
  const limits = (changes: Changes) => limitsOf(parseConfig(minimalText(changes), "test.yml"));

  it("follows from the settings: a stuck nginx is noticed last, then the EIP keeper may have missed it", () => {
    const checks = { "vrrp.checkInterval": "1s", "vrrp.checkTimeout": "2s", "vrrp.checkFall": 2 };
    expect(limits({ ...checks, "vrrp.reconcileInterval": "5s" })).toEqual({
      rightWithinMs: 13_000 + 5_000 + 8_000,
      blipMs: 13_000,
      patienceMs: 10_000,
    });
  });

  it("is longer where a silent proxy is noticed later still", () => {
    const silence = { "vrrp.advertInterval": "1s", "vrrp.downAfterAdverts": 19, "vrrp.reconcileInterval": "1s" };
    expect(limits(silence).rightWithinMs).toBe(20_000 + 1_000 + 8_000);
  });
});
