import { describe, expect, it } from "vitest";
import { formatStatus } from "../../../cli/status-table.ts";
import type { LabStatus, NodeStatus } from "../../../lab/status.ts";

const proxy: NodeStatus = {
  node: "proxy-1",
  role: "proxy",
  privateIp: "10.80.0.5",
  running: true,
  services: { nginx: "active", keepalived: "failed" },
  holdsServiceAddress: true,
};
const status = (...nodes: NodeStatus[]): LabStatus => ({
  name: "demo",
  up: true,
  serviceAddress: "10.81.0.130",
  nodes,
});
const rowOf = (table: string, node: string) => table.split("\n").find((line) => line.includes(node));
const cells = (row = "") => row.split("│").map((cell) => cell.trim());

describe("the table of a lab's status", () => {
  it("shows the state of every service of a node", () => {
    expect(rowOf(formatStatus(status(proxy)), "proxy-1")).toContain("nginx active, keepalived failed");
  });

  it("says that AWS takes its time, and how to have the same delays again", () => {
    expect(formatStatus({ ...status(proxy), asOnAws: 42 })).toContain("--as-on-aws 42");
    expect(formatStatus(status(proxy))).not.toContain("--as-on-aws");
  });

  it("shows the Elastic IP at its holder, and at nobody else", () => {
    const table = formatStatus(status(proxy, { ...proxy, node: "proxy-2", holdsServiceAddress: false }));
    expect(cells(rowOf(table, "proxy-1")).at(-2)).toBe("10.81.0.130");
    expect(cells(rowOf(table, "proxy-2")).at(-2)).toBe("");
  });

  it("says of a node that does not run that it is powered off", () => {
    const row = rowOf(formatStatus(status({ ...proxy, running: false, services: { nginx: "unknown" } })), "proxy-1");
    expect(cells(row)).toContain("powered off");
  });

  it("says how to boot what Terraform has applied, when there is an AWS alone", () => {
    expect(formatStatus({ name: "demo", up: false, url: "https://127.0.0.1:8443", nodes: [] })).toContain(
      "npx registry-cluster lab up --applied",
    );
  });

  it("says how to boot a lab that is not up", () => {
    expect(formatStatus({ name: "demo", up: false, nodes: [] })).toBe(
      "the lab 'demo' is not up: npx registry-cluster lab up",
    );
  });
});
