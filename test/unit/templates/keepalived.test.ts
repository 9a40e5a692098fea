import { describe, expect, it } from "vitest";
import { Duration } from "../../../config/duration.ts";
import { exampleTopology, exampleTree, fileOf } from "./example.ts";

const tree = exampleTree();
const keepalived = (node: string, from = tree) => fileOf(from, node, "/etc/keepalived/keepalived.conf");
const keeper = (node: string) => JSON.parse(fileOf(tree, node, "/etc/eip-keeper/config.json"));
const duration = (text: string) => Duration.parse(text) as Duration;

describe("keepalived", () => {
  it("makes no node a born master, and lets none take the address back", () => {
    for (const node of ["proxy-1", "proxy-2"]) {
      expect(keepalived(node)).toMatch(/^ {2}state BACKUP$/m);
      expect(keepalived(node)).toMatch(/^ {2}nopreempt$/m);
      expect(keepalived(node)).not.toMatch(/state MASTER|preempt_delay/);
    }
  });

  it("gives every proxy another priority", () => {
    const nodes = Array.from({ length: 8 }, (_, i) => `proxy-${i + 1}`);
    const largest = exampleTree(({ proxies }) => ({ proxies: { ...proxies, count: 8 } }));
    const priorities = nodes.map((node) => /priority (\d+)/.exec(keepalived(node, largest))?.[1]);
    expect(new Set(priorities).size).toBe(8);
  });

  it("talks to the other proxies by unicast, never to itself", () => {
    const larger = exampleTree(({ proxies }) => ({ proxies: { ...proxies, count: 3 } }));
    expect(keepalived("proxy-2", larger)).toContain("unicast_src_ip 10.80.16.5");
    expect(keepalived("proxy-2", larger)).toMatch(/unicast_peer \{\s+10\.80\.0\.5\s+10\.80\.0\.6\s+\}/);
  });

  it("speaks VRRP 3 with the timers of the config", () => {
    const timed = exampleTree(({ vrrp }) => ({
      vrrp: { ...vrrp, advertInterval: duration("250ms"), downAfterAdverts: 12, routerId: 77 },
    }));
    expect(keepalived("proxy-1", timed)).toContain("vrrp_version 3");
    expect(keepalived("proxy-1", timed)).toContain("advert_int 0.25\n");
    expect(keepalived("proxy-1", timed)).toContain("down_timer_adverts 12\n");
    expect(keepalived("proxy-1", timed)).toContain("virtual_router_id 77\n");
    expect(keepalived("proxy-1", timed)).toContain("169.254.0.77/32 dev lo scope host");
  });

  it("leaves at once when its own HAProxy or nginx does not answer", () => {
    expect(keepalived("proxy-1")).toContain("http://127.0.0.1:8080/healthz");
    expect(keepalived("proxy-1")).toMatch(/fall 2\n {2}rise 2\n {2}init_fail/);
    expect(keepalived("proxy-1")).toMatch(/track_script \{\s+serves\s+\}/);
    expect(keepalived("proxy-1")).not.toMatch(/^\s*weight (?!0$)/m);
  });

  it("leaves before nginx or HAProxy stops, told by a file that their units write", () => {
    const unit = fileOf(tree, "proxy-1", "/etc/systemd/system/nginx.service.d/60-registry-cluster.conf");
    expect(keepalived("proxy-1")).toContain('file "/run/nginx-leaving"\n');
    expect(keepalived("proxy-1")).toMatch(/track_file \{\s+haproxy_leaves\s+nginx_leaves\s+\}/);
    const stop = unit.split("\n").filter((line) => line.startsWith("ExecStop=-"));
    expect(stop[0]).toContain("echo 1 > /run/nginx-leaving; sleep 3");
    expect(stop[1]).toContain("--retry QUIT/20");
    expect(unit).toContain("ExecStartPost=-/bin/sh -c 'echo 0 > /run/nginx-leaving'");
    expect(unit).toContain("TimeoutStopSec=28s");
    const other = fileOf(tree, "proxy-1", "/etc/systemd/system/haproxy.service.d/60-registry-cluster.conf");
    expect(keepalived("proxy-1")).toContain('file "/run/haproxy-leaving"\n');
    expect(other).toContain("ExecStop=-/bin/sh -c 'echo 1 > /run/haproxy-leaving; sleep 3'");
    expect(other).toContain("ExecStartPost=-/bin/sh -c 'echo 0 > /run/haproxy-leaving'");
  });

  it("checks as often, and waits for as long, as the config says", () => {
    const checked = exampleTree(({ vrrp }) => ({
      vrrp: { ...vrrp, checkInterval: duration("3s"), checkTimeout: duration("4s") },
    }));
    expect(keepalived("proxy-1", checked)).toMatch(/interval 3\n {2}timeout 4\n/);
  });

  it("and HAProxy get a processor before those who serve clients, so that a busy proxy is not taken for a dead one", () => {
    const dropIn = (unit: string) =>
      fileOf(tree, "proxy-1", `/etc/systemd/system/${unit}.service.d/60-registry-cluster.conf`);
    expect(dropIn("keepalived")).toMatch(/^\[Service\][^[]*^CPUWeight=10000$/ms);
    expect(dropIn("haproxy")).toMatch(/^\[Service\][^[]*^CPUWeight=1000$/ms);
    expect(dropIn("nginx")).not.toContain("CPUWeight");
  });

  it("has none of the settings that do not work with unicast or VRRP 3", () => {
    expect(keepalived("proxy-1")).not.toMatch(/vrrp_strict|authentication|auth_pass|^\s*notify_/m);
  });
});

describe("the EIP keeper", () => {
  it("listens to the FIFO and the VRRP instance of keepalived", () => {
    const { fifo, instance } = keeper("proxy-1");
    expect(keepalived("proxy-1")).toContain(`vrrp_notify_fifo ${fifo} eip-keeper eip-keeper\n`);
    expect(keepalived("proxy-1")).toContain(`vrrp_instance ${instance} {`);
    expect(fileOf(tree, "proxy-1", "/etc/systemd/system/eip-keeper.service")).toContain(`mkfifo --mode=0600 ${fifo}`);
  });

  it("looks for the address by the cluster's tags", () => {
    const { config } = exampleTopology();
    expect(keeper("proxy-2")).toMatchObject({
      region: config.region,
      cluster: config.name,
      addressRole: "service-address",
      healthUrl: "http://127.0.0.1:8080/healthz",
      reconcileIntervalSec: 5,
    });
  });

  it("is there before keepalived, and keeps its FIFO over a restart", () => {
    const unit = fileOf(tree, "proxy-1", "/etc/systemd/system/eip-keeper.service");
    const dropIn = fileOf(tree, "proxy-1", "/etc/systemd/system/keepalived.service.d/60-registry-cluster.conf");
    expect(unit).toContain("RuntimeDirectoryPreserve=yes");
    expect(dropIn).toMatch(/^Wants=eip-keeper.service$/m);
    expect(dropIn).toMatch(/^After=eip-keeper.service/m);
  });
});
