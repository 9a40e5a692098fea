import { describe, expect, it } from "vitest";
import { upgradeTurn } from "../../../templates/upgrade-schedule.ts";
import { exampleTree, fileOf } from "./example.ts";

const turns = (at: string, nodeCount: number) =>
  Array.from({ length: nodeCount }, (_, position) => upgradeTurn(at, position, nodeCount).calendar);

const timer = (tree: Record<string, string>, node: string) =>
  fileOf(tree, node, "/etc/systemd/system/registry-cluster-upgrade.timer");

describe("the turns of upgrades", () => {
  it("are spread evenly over four hours of the day", () => {
    expect(turns("03:00", 5)).toEqual(["03:00:00 UTC", "03:48:00 UTC", "04:36:00 UTC", "05:24:00 UTC", "06:12:00 UTC"]);
  });

  it("go on after midnight", () => {
    expect(turns("22:30", 4)).toEqual(["22:30:00 UTC", "23:30:00 UTC", "00:30:00 UTC", "01:30:00 UTC"]);
  });

  it("of the largest cluster begin 13 minutes apart", () => {
    expect(upgradeTurn("03:00", 0, 18).turnSec).toBe(800);
    expect(new Set(turns("03:00", 18)).size).toBe(18);
  });

  it("end before the next node's turn", () => {
    const service = fileOf(exampleTree(), "proxy-1", "/etc/systemd/system/registry-cluster-upgrade.service");
    expect(service).toContain("TimeoutStartSec=2880s\n");
  });

  it("begin at the configured time", () => {
    const tree = exampleTree(() => ({ upgrades: { enabled: true, at: "21:15" } }));
    expect(timer(tree, "bastion")).toContain("OnCalendar=21:15:00 UTC\n");
    expect(timer(tree, "registry-1")).toContain("OnCalendar=22:03:00 UTC\n");
  });

  it.each([
    ["upgrades are off", exampleTree(() => ({ upgrades: { enabled: false, at: "03:00" } }))],
    ["nodes cannot reach Debian", exampleTree(({ network }) => ({ network: { ...network, egress: "none" as const } }))],
  ])("never come if %s", (_why, tree) => {
    expect(timer(tree, "proxy-1")).toContain("OnCalendar=1970-01-01 00:00:00 UTC\n");
  });
});

describe("Debian's own upgrades", () => {
  it("are off, and apt waits for another apt", () => {
    const config = fileOf(exampleTree(), "proxy-1", "/etc/apt/apt.conf.d/60-registry-cluster");
    expect(config).toContain('APT::Periodic::Enable "0";');
    expect(config).toContain('DPkg::Lock::Timeout "600";');
  });
});
