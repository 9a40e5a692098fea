import { describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { lab } from "./support.ts";

describe("a second converge", () => {
  it.each(lab.nodes.map((node) => [node.name, node] as const))("changes nothing on %s", async (_name, node) => {
    const output = await dockerExec(node.container, ["/usr/local/sbin/registry-cluster-converge"]);
    expect(output).toMatch(/^Succeeded: +[1-9]\d*$/m);
    expect(output).toMatch(/^Failed: +0$/m);
    expect(output).not.toContain("changed=");
  });
});
