import { describe, expect, it } from "vitest";
import { exampleTree, fileOf } from "./example.ts";

const tree = exampleTree();
const config = fileOf(tree, "proxy-1", "/etc/nginx/nginx.conf");
const servers = (upstream: string) =>
  [...block(`upstream ${upstream}`).matchAll(/server (\S+)/g)].map(([, address]) => address);

describe("nginx", () => {
  it("deals requests out to every registry, in turn", () => {
    expect(servers("registries")).toEqual(["10.80.128.4:5000", "10.80.144.4:5000"]);
    expect(block("upstream registries")).not.toMatch(/least_conn|ip_hash|hash |backup|weight/);
  });

  it("keeps the state of the registries in memory that all workers share", () => {
    expect(block("upstream registries")).toMatch(/zone registries/);
    expect(block("upstream registries").match(/max_fails=2 fail_timeout=5s/g)).toHaveLength(2);
  });

  it("believes the client's address of proxies only", () => {
    expect([...config.matchAll(/set_real_ip_from (\S+);/g)].map(([, address]) => address)).toEqual([
      "10.80.0.5",
      "10.80.16.5",
    ]);
    expect(config).toContain("proxy_set_header X-Forwarded-For $remote_addr;");
  });

  it("speaks TLS 1.2 and 1.3 only", () => {
    expect(config).toContain("ssl_protocols TLSv1.2 TLSv1.3;");
  });

  it("takes layers of any size and passes uploads on as they come", () => {
    expect(config).toContain("client_max_body_size 0;");
    expect(block("location @write")).toContain("proxy_request_buffering off;");
    expect(config).toContain("proxy_http_version 1.1;");
  });

  it("asks another registry after a failed read", () => {
    expect(block("location /v2/")).toContain("proxy_next_upstream error timeout http_502 http_503 http_504;");
  });

  it("never sends a write twice", () => {
    expect(block("location @write")).toContain("proxy_next_upstream error timeout;");
    expect(config).not.toContain("non_idempotent");
  });

  it("keeps the port in the Host header", () => {
    expect(config).toContain("proxy_set_header Host $http_host;");
  });

  it("answers 404 to everything but the registry's API and the question whether it serves", () => {
    expect([...block("server {\n    # HTTP/1.1").matchAll(/location (.+?) \{/g)].map(([, path]) => path)).toEqual([
      "/v2/",
      "@write",
      "= /healthz",
      "/",
    ]);
    expect(block("location / {\n      return 404")).toContain("return 404;");
  });

  it("shows its health and its counters on the loopback interface only", () => {
    const listeners = [...config.matchAll(/listen (\S+)/g)].map(([, listener]) => listener?.replace(";", ""));
    expect(listeners).toEqual(["10.80.0.5:8443", "127.0.0.1:8082"]);
  });

  it("tells no version", () => {
    expect(config).toContain("server_tokens off;");
  });
});

it("logs which registry served, so that the spread of load can be seen", () => {
  expect(block("http {")).toMatch(/"upstream":"\$upstream_addr"/);
});

it("takes in every registry of a larger cluster, and believes every proxy", () => {
  const larger = exampleTree(({ proxies, registries }) => ({
    proxies: { ...proxies, count: 3 },
    registries: { ...registries, count: 4 },
  }));
  const text = fileOf(larger, "proxy-3", "/etc/nginx/nginx.conf");
  expect(text.match(/:5000 max_fails/g)).toHaveLength(4);
  expect(text.match(/set_real_ip_from/g)).toHaveLength(3);
});

/** The part of the config from its first words to the brace that closes it. */
function block(start: string): string {
  const from = config.indexOf(start);
  if (from < 0) throw new Error(`there is no '${start}'`);
  let depth = 0;
  for (let i = config.indexOf("{", from); i < config.length; i++) {
    if (config[i] === "{") depth++;
    if (config[i] === "}" && --depth === 0) return config.slice(from, i + 1);
  }
  throw new Error(`'${start}' is never closed`);
}
