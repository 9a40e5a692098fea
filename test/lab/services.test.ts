import { describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { roles } from "../../topology/roles.ts";
import { lab } from "./support.ts";

const services = lab.nodes.flatMap((node) => roles[node.role].services.map((service) => ({ node, service })));

describe("a node that has converged once", () => {
  it.each(services)("starts $service on $node.name again when it dies", async ({ node, service }) => {
    const restart = await dockerExec(node.container, ["systemctl", "show", service, "--property=Restart", "--value"]);
    expect(["always", "on-failure"]).toContain(restart.trim());
  });
});
