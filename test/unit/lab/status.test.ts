import { describe, expect, it } from "vitest";
import { writeState } from "../../../lab/state.ts";
import { statusOf } from "../../../lab/status.ts";
import { labOfTest, useFakeDocker } from "./support.ts";

/** What docker says of a lab where all is well. */
function healthyLab(name: string): string {
  const addresses = JSON.stringify({ addresses: [{ public_ip: "10.81.0.130", private_ip: "10.80.0.5" }] });
  return `case "$*" in
    ps*) printf '%s\\n' ${name}-lab-aws ${name}-lab-bastion ${name}-lab-proxy-1 ;;
    *addresses.json) echo '${addresses}' ;;
    *nginx*) printf 'active\\nactive\\nactive\\nactive\\n' ;;
    *is-active*) echo active ;;
  esac`;
}

function labThatSays(change: (healthy: string) => string) {
  const lab = labOfTest();
  writeState(lab);
  useFakeDocker(change(healthyLab(lab.name)));
  return statusOf(lab.name);
}

describe("the status of a lab", () => {
  it("is up when every service runs and a proxy holds the service address", async () => {
    expect(await labThatSays((healthy) => healthy)).toMatchObject({
      up: true,
      url: "https://127.0.0.1:8443",
      nodes: [
        { node: "bastion", running: true, services: { ssh: "active" }, holdsServiceAddress: false },
        { node: "proxy-1", running: true, holdsServiceAddress: true },
      ],
    });
  });

  it("is not up when a service has failed", async () => {
    const status = await labThatSays((healthy) => healthy.replace("active\\nactive\\n'", "failed\\nactive\\n'"));
    expect(status.up).toBe(false);
    expect(status.nodes[1]?.services).toMatchObject({ nginx: "active", keepalived: "failed", "eip-keeper": "active" });
  });

  it("is not up when a machine is off, whose services nobody knows", async () => {
    const status = await labThatSays((healthy) => healthy.replace(/ \S+-lab-proxy-1/, ""));
    expect(status.up).toBe(false);
    expect(status.nodes[1]).toMatchObject({
      running: false,
      services: { nginx: "unknown", keepalived: "unknown", "eip-keeper": "unknown" },
      holdsServiceAddress: false,
    });
  });

  it("is not up when nobody holds the service address", async () => {
    const status = await labThatSays((healthy) => healthy.replace('"10.80.0.5"', "null"));
    expect(status.up).toBe(false);
  });

  it("is not up, and has no nodes, when there is no lab", async () => {
    const { name } = labOfTest();
    expect(await statusOf(name)).toEqual({ name, up: false, nodes: [] });
  });
});
