import { describe, expect, it } from "vitest";
import { dockerExec } from "../../lab/docker.ts";
import { lab } from "./support.ts";

describe("a second converge", () => {
  it.each(lab.nodes.map((node) => [node.name, node] as const))("changes nothing on %s", async (_name, node) => {
    const output = await dockerExec(node.container, ["/usr/local/sbin/registry-cluster-converge", "--json"]);
    const states = Object.values((JSON.parse(output) as { local: Record<string, { result: boolean; changes: object }> }).local);
    expect(states.length).toBeGreaterThan(5);
    expect(states.filter((state) => state.result !== true)).toEqual([]);
    expect(states.filter((state) => Object.keys(state.changes).length > 0)).toEqual([]);
  });
});
