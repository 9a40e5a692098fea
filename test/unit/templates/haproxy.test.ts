import { describe, expect, it } from "vitest";
import { exampleTree, fileOf } from "./example.ts";

const configOf = (node: string, tree = exampleTree()) => fileOf(tree, node, "/etc/haproxy/haproxy.cfg");
const config = configOf("proxy-1");

describe("HAProxy", () => {
  it("deals connections out to every proxy in turn, itself included", () => {
    expect(servers("backend proxies")).toEqual(["proxy-1 10.80.0.5:8443", "proxy-2 10.80.16.5:8443"]);
    expect(section("backend proxies")).not.toMatch(/balance (?!roundrobin)/);
  });

  it("passes the client's address on by the PROXY protocol", () => {
    expect(section("backend proxies")).toContain("default-server send-proxy-v2 ");
    expect(section("backend unchecked").match(/ send-proxy-v2$/gm)).toHaveLength(2);
  });

  it("takes a proxy that accepts no connection three times for gone, and closes what it had", () => {
    expect(section("backend proxies")).toMatch(
      /check inter 1s fastinter 500ms fall 3 rise 2 on-marked-down shutdown-sessions$/m,
    );
    expect(section("backend proxies")).not.toContain("httpchk");
  });

  it("gives no new connections to one that accepts and does not answer, and leaves it what it has", () => {
    expect(section("backend answering")).toContain("http-check send meth GET uri /healthz ");
    expect(section("backend answering")).toMatch(/check check-send-proxy inter 1s fastinter 500ms fall 1 rise 1$/m);
    expect(section("backend answering")).not.toMatch(/shutdown-sessions|check-ssl/);
    expect(servers("backend answering")).toEqual(servers("backend proxies"));
    expect(section("backend proxies")).toContain(
      "use-server proxy-2 if !all_answer { srv_is_up(answering/proxy-2) } { rand(1) eq 0 }",
    );
  });

  it("lets transfers that began before a reload go on for an hour, and no longer", () => {
    expect(section("global")).toContain("hard-stop-after 3600s");
    expect(fileOf(exampleTree(), "proxy-1", "/etc/nginx/nginx.conf")).toContain("worker_shutdown_timeout 3600s;");
  });

  it("tries another proxy when a connection is refused or takes 300 ms", () => {
    expect(section("defaults")).toMatch(/timeout connect 300ms[\s\S]*option redispatch 1/);
  });

  it("deals out to all when none passes, because then it is the checks that are at fault", () => {
    expect(section("frontend registry")).toContain("use_backend unchecked if { nbsrv(proxies) eq 0 }");
    expect(servers("backend unchecked")).toEqual(servers("backend proxies"));
  });

  it("waits longer for a silent connection than nginx does", () => {
    const nginx = fileOf(exampleTree(), "proxy-1", "/etc/nginx/nginx.conf");
    const nginxSec = Number(/proxy_read_timeout (\d+)s;/.exec(nginx)?.[1]);
    for (const side of ["client", "server"]) {
      expect(Number(new RegExp(`timeout ${side} (\\d+)s`).exec(section("defaults"))?.[1])).toBeGreaterThan(nginxSec);
    }
  });

  it.each([
    ["t3.micro", 1, 4_096, 16],
    ["t3.small", 2, 8_192, 16],
    ["t3.large", 4, 16_384, 16],
    ["c5.xlarge", 8, 16_384, 32],
    ["c5.4xlarge", 16, 16_384, 64],
  ])("on a %s has buffers that take at most a quarter of %i GiB when all are full", (type, gib, connections, kib) => {
    const changed = configOf(
      "proxy-1",
      exampleTree(({ proxies }) => ({ proxies: { ...proxies, instanceType: type } })),
    );
    expect(/tune\.bufsize (\d+)/.exec(changed)?.[1]).toBe(String(kib * 1024));
    const limits = [...changed.matchAll(/^ {2}maxconn (\d+)$/gm)].map(([, limit]) => Number(limit));
    expect(limits).toEqual([2 * connections + 100, connections, connections]);
    const buffersInBothDirections = 2 * kib * (2 * connections);
    expect(buffersInBothDirections).toBeLessThanOrEqual((gib * 1024 ** 2) / 4);
  });

  it("keeps connections for nginx, questions and counters that clients cannot take", () => {
    const kept =
      mostConnections("global") - mostConnections("frontend registry") - mostConnections("frontend registries");
    expect(kept).toBe(100);
  });

  it("lets one address have as many connections as configured, and open twice as many within 10 s", () => {
    const few = exampleTree(({ proxies }) => ({ proxies: { ...proxies, connectionsPerClient: 200 } }));
    expect(configOf("proxy-1", few)).toContain("reject if { src_conn_cur ge 200 }");
    expect(configOf("proxy-1", few)).toContain("reject if { src_conn_rate ge 400 }");
  });

  it("is well while it finds its own nginx well, and says so without asking it", () => {
    expect(section("frontend health")).toMatch(/bind 127\.0\.0\.1:8080[\s\S]*{ srv_is_up\(nginx\/nginx\) }/);
    expect(servers("backend nginx")).toEqual(["nginx 127.0.0.1:8082"]);
    expect(section("backend nginx")).toMatch(/timeout check 5s\n.* check inter 500ms fall 2 rise 1$/m);
  });

  it("shows its counters on the private address, and nothing else there", () => {
    expect([...config.matchAll(/bind (\S+)/g)].map(([, address]) => address)).toEqual([
      ":443",
      "127.0.0.1:5000",
      "127.0.0.1:8080",
      "10.80.0.5:8081",
    ]);
    expect(section("frontend metrics")).toContain("http-request deny deny_status 404 unless { path /status /master }");
  });

  it("takes in every proxy of a larger cluster", () => {
    const larger = exampleTree(({ proxies }) => ({ proxies: { ...proxies, count: 3 } }));
    expect(configOf("proxy-3", larger).match(/^ {2}server proxy-\d /gm)).toHaveLength(9);
  });
});

describe("nginx's way to the registries", () => {
  it("is there for this machine alone, and deals connections out to every registry in turn", () => {
    expect(section("frontend registries")).toMatch(/bind 127\.0\.0\.1:5000$/m);
    expect(servers("backend registries")).toEqual(["registry-1 10.80.128.4:5000", "registry-2 10.80.144.4:5000"]);
    expect(section("backend registries")).not.toMatch(/balance (?!roundrobin)/);
  });

  it("leaves out a registry that does not ask for a login, and closes its connections", () => {
    expect(section("backend registries")).toMatch(
      /http-check send meth GET uri \/v2\/ .*\n {2}http-check expect status 401/,
    );
    expect(section("backend registries")).toContain("timeout check 4s");
    expect(section("backend registries")).toMatch(
      /inter 2s fastinter 500ms fall 3 rise 2 on-marked-down shutdown-sessions$/m,
    );
  });

  it("leads to all when none passes, so that clients hear what the registries lack", () => {
    expect(section("frontend registries")).toContain("use_backend unchecked_registries if { nbsrv(registries) eq 0 }");
    expect(servers("backend unchecked_registries")).toEqual(servers("backend registries"));
  });

  it("logs which registry served, so that the spread of load can be seen", () => {
    expect(section("frontend registries")).toContain('"registry":"%s"');
  });

  it("takes in every registry of a larger cluster", () => {
    const larger = exampleTree(({ registries }) => ({ registries: { ...registries, count: 4 } }));
    expect(configOf("proxy-1", larger).match(/^ {2}server registry-\d /gm)).toHaveLength(8);
  });
});

/** The lines from a section's first to the next section's. */
function section(start: string): string {
  const text = config.split(/^(?=\S)/m).find((part) => part.startsWith(`${start}\n`));
  if (!text) throw new Error(`there is no '${start}'`);
  return text;
}

const mostConnections = (of: string) => Number(/^ {2}maxconn (\d+)$/m.exec(section(of))?.[1]);

const servers = (of: string) => [...section(of).matchAll(/^ {2}server (\S+ \S+)/gm)].map(([, server]) => server);
