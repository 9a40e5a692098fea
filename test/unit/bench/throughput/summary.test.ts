import { describe, expect, it } from "vitest";
import type { Path } from "../../../bench/throughput/result.ts";
import { cpuOf, rowsOf, type Sample } from "../../../bench/throughput/summary.ts";

const mib = 1024 ** 2;
const pull = (path: Path, round: string, mibPerSec: number, clients = 10): Sample => ({
  ...{ operation: "pull", path, clients, round, bytes: 100 * mib, seconds: 100 / mibPerSec },
  cpuSecByHop: {},
});
const rowOf = (samples: readonly Sample[], path: Path) => rowsOf(samples).find((row) => row.path === path);

describe("the rows of a report", () => {
  // The machine slows down by half after each round.
  const samples = [
    ...[pull("bare", "1", 400), pull("chain-cold", "1", 320)],
    ...[pull("chain-cold", "2", 180), pull("bare", "2", 200)],
    ...[pull("bare", "3", 100), pull("chain-cold", "3", 70)],
  ];

  it("have the median of the rounds", () => {
    expect(rowOf(samples, "chain-cold")?.mibPerSec).toBeCloseTo(180);
  });

  it("compare each run with the bare registry in the same round only", () => {
    expect(rowOf(samples, "chain-cold")?.ratioToBare).toBeCloseTo(0.8);
  });

  it("compare the bare registry with itself", () => {
    expect(rowOf(samples, "bare")?.ratioToBare).toBe(1);
  });

  it("keep numbers of clients apart", () => {
    const rows = rowsOf([...samples, pull("bare", "1", 50, 1), pull("chain-cold", "1", 50, 1)]);
    expect(rows.filter(({ path }) => path === "chain-cold").map(({ clients }) => clients)).toEqual([10, 1]);
  });

  it("name the goals of cold and hot pulls", () => {
    const rows = rowsOf([...samples, pull("chain-hot", "1", 900)]);
    expect(rows.map(({ path, goal }) => [path, goal])).toEqual([
      ["bare", undefined],
      ["chain-cold", 0.9],
      ["chain-hot", 2],
    ]);
  });

  it("need something to compare with", () => {
    expect(() => rowsOf([...samples, pull("chain-hot", "4", 1)])).toThrow(
      "no bare pull of 10 clients in round 4 to compare with",
    );
  });
});

describe("the CPU time of a hop", () => {
  it("is that of all rounds, for each GB that passed", () => {
    const sample = pull("bare", "1", 100);
    const samples = [1, 3].map((registry) => ({ ...sample, bytes: 5e8, cpuSecByHop: { client: 0.5, registry } }));
    expect(cpuOf(samples)).toEqual([
      { operation: "pull", path: "bare", hop: "client", cpuSecPerGb: 1 },
      { operation: "pull", path: "bare", hop: "registry", cpuSecPerGb: 4 },
    ]);
  });
});
