import { tcpKeepalive } from "../topology/timeouts.ts";
import type { ClusterNode, Topology } from "../topology/topology.ts";
import { convergeCalendar } from "./converge-schedule.ts";
import type { NodeFile } from "./node-file.ts";
import { never, upgradeTurn } from "./upgrade-schedule.ts";

/** Files of every node. */
export function commonFiles({ config, nodes }: Topology, node: ClusterNode): NodeFile[] {
  const isRouter = node.role === "bastion" && config.network.egress === "bastion";
  const calendar = convergeCalendar(config.converge.interval, nodes.indexOf(node), nodes.length);
  const { calendar: upgradeCalendar, turnSec } = upgradeTurn(config.upgrades.at, nodes.indexOf(node), nodes.length);
  const upgrades = config.upgrades.enabled && config.network.egress !== "none";
  return [
    {
      path: "/etc/sysctl.d/60-registry-cluster.conf",
      template: "all/sysctl.conf.njk",
      context: { isRouter, tcpKeepalive },
    },
    {
      path: "/etc/ssh/sshd_config.d/60-registry-cluster.conf",
      template: "all/sshd.conf.njk",
      context: { isBastion: node.role === "bastion" },
    },
    { path: "/etc/sudoers.d/60-registry-cluster", template: "all/sudoers.njk", context: {} },
    { path: "/etc/systemd/timesyncd.conf.d/60-registry-cluster.conf", template: "all/timesyncd.conf.njk", context: {} },
    { path: "/etc/systemd/journald.conf.d/60-registry-cluster.conf", template: "all/journald.conf.njk", context: {} },
    { path: "/etc/systemd/system/registry-cluster-swap.service", template: "all/swap.service.njk", context: {} },
    {
      path: "/etc/systemd/system/registry-cluster-converge.service",
      template: "all/converge.service.njk",
      context: {},
    },
    {
      path: "/etc/systemd/system/registry-cluster-converge.timer",
      template: "all/converge.timer.njk",
      context: { calendar },
    },
    { path: "/etc/apt/apt.conf.d/60-registry-cluster", template: "all/apt.conf.njk", context: {} },
    {
      path: "/etc/systemd/system/registry-cluster-upgrade.service",
      template: "all/upgrade.service.njk",
      context: { turnSec },
    },
    {
      path: "/etc/systemd/system/registry-cluster-upgrade.timer",
      template: "all/upgrade.timer.njk",
      context: { calendar: upgrades ? upgradeCalendar : never },
    },
    { path: "/etc/logrotate.d/registry-cluster", template: "all/logrotate.njk", context: {} },
  ];
}
