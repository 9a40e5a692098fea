import { describe, expect, it } from "vitest";
import { RolloutNodes } from "./rollout-nodes.ts";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** All nodes work with their first bundle. */
async function running(): Promise<{ nodes: RolloutNodes; first: string }> {
  const nodes = new RolloutNodes();
  const first = await nodes.deploy("first");
  for (const node of ["a", "b", "c"]) expect(await nodes.converge(node)).toMatchObject({ exitCode: 0 });
  return { nodes, first };
}

describe("a node that boots", () => {
  it("applies the current bundle at once and reports that it works", async () => {
    const { nodes, first } = await running();
    expect(nodes.report("a")).toMatchObject({ node: "a", bundle: first, runs: first, result: "good" });
    expect(nodes.written()).toEqual(["reports", ...["a", "b", "c"].map((node) => `reports/${node}.json`)]);
  });

  it("tries again while it does not work", async () => {
    const nodes = new RolloutNodes();
    const first = await nodes.deploy("first", { a: "check" });
    expect(await nodes.converge("a")).toMatchObject({ exitCode: 1 });
    expect(nodes.report("a")).toMatchObject({ bundle: first, result: "failed", detail: "nginx is failed" });
    const mended = await nodes.deploy("mended");
    expect(await nodes.converge("a")).toMatchObject({ exitCode: 0 });
    expect(nodes.report("a")).toMatchObject({ bundle: mended, result: "good" });
  });
});

describe("a node without a new bundle", () => {
  it("applies the one that it has, and writes nothing into the bucket", async () => {
    const { nodes } = await running();
    const before = nodes.writes();
    const { exitCode, log } = await nodes.converge("a");
    expect(exitCode).toBe(0);
    expect(log).toContain("a applies first");
    expect(nodes.writes()).toBe(before);
  });
});

describe("a new bundle", () => {
  it("is applied by one node after the other", async () => {
    const { nodes } = await running();
    const second = await nodes.deploy("second");
    for (const node of ["a", "b", "c"]) {
      expect(await nodes.converge(node)).toMatchObject({ exitCode: 0 });
      expect(nodes.report(node)).toMatchObject({ bundle: second, runs: second, result: "good" });
    }
  });

  it.each(["check", "apply"] as const)("whose %s fails stops at the first node, which goes back", async (what) => {
    const { nodes, first } = await running();
    const bad = await nodes.deploy("bad", { a: what });
    expect(await nodes.converge("a")).toMatchObject({ exitCode: 1 });
    expect(nodes.runs("a")).toBe(first);
    expect(nodes.report("a")).toMatchObject({ bundle: bad, runs: first, result: "failed" });
    expect(nodes.report("a").detail).toMatch(
      what === "check" ? /^nginx is failed; went back$/ : /^apply ended with exit code 2: see .*; went back$/,
    );

    const { exitCode, log } = await nodes.converge("b");
    expect(exitCode).toBe(0);
    expect(log).toContain("it failed on a: 'registry-cluster rollout retry' tries it again");
    expect(log).toContain("b applies first");
    expect(nodes.runs("b")).toBe(first);
  });

  it("is not tried again by the node that failed, until the operator asks for it", async () => {
    const { nodes, first } = await running();
    const bad = await nodes.deploy("bad", { a: "check" });
    await nodes.converge("a");
    const before = nodes.writes();
    const { exitCode, log } = await nodes.converge("a");
    expect(exitCode).toBe(0);
    expect(log).not.toContain("a applies bad");
    expect(nodes.runs("a")).toBe(first);
    expect(nodes.writes()).toBe(before);

    nodes.control({ retriedAt: new Date(Date.now() + 2_000).toISOString() });
    expect((await nodes.converge("b")).exitCode).toBe(0);
    expect(nodes.runs("b")).toBe(bad);
  });

  it("that is good rolls on after one that failed", async () => {
    const { nodes } = await running();
    await nodes.deploy("bad", { a: "check" });
    await nodes.converge("a");
    const mended = await nodes.deploy("mended");
    for (const node of ["b", "a", "c"]) {
      expect(await nodes.converge(node)).toMatchObject({ exitCode: 0 });
      expect(nodes.report(node)).toMatchObject({ bundle: mended, result: "good" });
    }
  });

  it("that is taken back leaves no failure behind", async () => {
    const { nodes, first } = await running();
    await nodes.deploy("bad", { a: "check" });
    await nodes.converge("a");
    await nodes.deploy("first");
    expect(await nodes.converge("a")).toMatchObject({ exitCode: 0 });
    expect(nodes.report("a")).toMatchObject({ bundle: first, result: "good" });
  });

  it("waits while another node applies it, and counts that as failed after half an hour", async () => {
    const { nodes, first } = await running();
    const second = await nodes.deploy("second");
    const applying = (begun: number) => ({
      ...{ bundle: second, runs: first, result: "applying" },
      ...{ time: minutesAgo(begun), until: minutesAgo(begun - 30) },
    });
    nodes.writeReport("a", applying(29));
    expect((await nodes.converge("b")).log).toContain("a is applying it");
    nodes.writeReport("a", applying(31));
    expect((await nodes.converge("b")).log).toContain("it failed on a");
    expect(nodes.runs("b")).toBe(first);
  });

  it("reaches all nodes in the end, also if they once have their turn at the same time", async () => {
    const { nodes } = await running();
    const second = await nodes.deploy("second");
    await Promise.all(["a", "b", "c"].map((node) => nodes.converge(node)));
    for (const node of ["a", "b", "c"]) {
      const { bundle, runs, result } = nodes.report(node);
      expect([bundle, result]).toEqual([runs, "good"]);
    }
    for (const node of ["a", "b", "c"]) await nodes.converge(node);
    expect(["a", "b", "c"].map((node) => nodes.runs(node))).toEqual([second, second, second]);
  });

  it("waits while the operator has paused the rollout", async () => {
    const { nodes, first } = await running();
    await nodes.deploy("second");
    nodes.control({ paused: true });
    const { exitCode, log } = await nodes.converge("a");
    expect(exitCode).toBe(0);
    expect(log).toContain("the rollout is paused");
    expect(nodes.runs("a")).toBe(first);
  });

  it("is applied in spite of all that by a node that is told to do so at once, which goes back by itself too", async () => {
    const { nodes, first } = await running();
    nodes.control({ paused: true });
    const second = await nodes.deploy("second", { b: "check" });
    for (const node of ["a", "b"]) nodes.atOnce(node);
    expect((await nodes.converge("a")).exitCode).toBe(0);
    expect((await nodes.converge("b")).exitCode).toBe(1);
    expect([nodes.runs("a"), nodes.runs("b")]).toEqual([second, first]);
  });

  it("is not applied by a node that cannot learn how far the others are", async () => {
    const { nodes, first } = await running();
    await nodes.deploy("second");
    nodes.writeReport("b", { bundle: "x" });
    const { exitCode, log } = await nodes.converge("a");
    expect(exitCode).toBe(1);
    expect(log).toContain("rollout: the report b.json is damaged");
    expect(log).toContain("cannot learn how far the other nodes are");
    expect(nodes.runs("a")).toBe(first);
  });
});
