import { describe, expect, it } from "vitest";
import { exampleTree, fileOf } from "./example.ts";

const tree = exampleTree();
const config = fileOf(tree, "proxy-1", "/etc/nginx/nginx.conf");
const haproxyConfig = fileOf(tree, "proxy-1", "/etc/haproxy/haproxy.cfg");
const servers = (upstream: string) =>
  [...block(`upstream ${upstream}`).matchAll(/server (\S+)/g)].map(([, address]) => address);

const digest = "a".repeat(64);
const blobPath = (hash: string) => `/registry/docker/registry/v2/blobs/sha256/aa/${hash}/data?X-Amz-Date=1`;

describe("nginx", () => {
  it("leaves it to HAProxy to choose a registry, and may ask it twice", () => {
    expect(servers("registries").slice(0, 2)).toEqual(["127.0.0.1:5000", "127.0.0.1:5000"]);
    expect(block("upstream registries").match(/max_fails=0/g)).toHaveLength(2);
  });

  it("asks the registries itself while there is no HAProxy", () => {
    expect([...block("upstream registries").matchAll(/server (\S+) backup;/g)].map(([, address]) => address)).toEqual([
      "10.80.128.4:5000",
      "10.80.144.4:5000",
    ]);
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

  it("asks again after a failed read", () => {
    expect(block("location /v2/")).toContain("proxy_next_upstream error timeout http_502 http_503 http_504;");
  });

  it("never sends a write twice", () => {
    expect(block("location @write")).toContain("proxy_next_upstream error timeout;");
    expect(config).not.toContain("non_idempotent");
  });

  it("keeps the port in the Host header", () => {
    expect(config).toContain("proxy_set_header Host $host_asked;");
    expect(config).toContain("default $http_host;");
  });

  it("answers 404 to everything but the registry's API and the question whether it serves", () => {
    expect([...block("server {\n    # HTTP/1.1").matchAll(/location (.+?) \{/g)].map(([, path]) => path)).toEqual([
      "@closing",
      "/v2/",
      "@blob",
      "@blob_to_pass",
      "@refused",
      "@write",
      "@unauthorized",
      "= /healthz",
      "= /without-tls",
      "/",
    ]);
    expect(block("location / {\n      keepalive_timeout 0")).toContain("return 404 ");
  });

  it("shows its health and its counters on the loopback interface only", () => {
    const listeners = [...config.matchAll(/listen (\S+)/g)].map(([, listener]) => listener?.replace(";", ""));
    expect(listeners).toEqual(["10.80.0.5:8443", "127.0.0.1:8082"]);
  });

  it("has a connection to a registry and one to S3 for each client that HAProxy lets in", () => {
    const clients = Number(/frontend registry\n.*\n.*\n {2}maxconn (\d+)/.exec(haproxyConfig)?.[1]);
    expect(Number(/worker_connections (\d+);/.exec(config)?.[1])).toBe(2 * clients);
    expect(Number(/worker_rlimit_nofile (\d+);/.exec(config)?.[1])).toBeGreaterThanOrEqual(3 * clients);
  });

  it("bounds what an address may ask without a login, by the connections that it may have", () => {
    const few = exampleTree(({ proxies }) => ({ proxies: { ...proxies, connectionsPerClient: 200 } }));
    const text = fileOf(few, "proxy-1", "/etc/nginx/nginx.conf");
    expect(text.match(/zone=(strangers|refused):10m rate=10r\/s;/g)).toHaveLength(2);
    expect(text.match(/limit_req zone=(strangers|refused) burst=200 delay=20;/g)).toHaveLength(2);
  });

  it("tells no version", () => {
    expect(config).toContain("server_tokens off;");
  });
});

describe("a blob that the registry has allowed", () => {
  it("is fetched from the cluster's bucket, with S3's certificate checked", () => {
    for (const location of ["@blob {", "@blob_to_pass {"]) {
      const text = block(`location ${location}`);
      expect(text).toContain("proxy_pass https://registry-example-internal.s3.eu-west-1.amazonaws.com$s3_request;");
      expect(text).toContain("proxy_ssl_verify on;");
    }
  });

  it.each([
    ["eu-west-1", "images.s3.eu-west-1.amazonaws.com"],
    ["us-east-1", "images.s3.us-east-1.amazonaws.com"],
    ["us-gov-west-1", "images.s3.us-gov-west-1.amazonaws.com"],
    ["cn-north-1", "images.s3.cn-north-1.amazonaws.com.cn"],
    ["us-iso-east-1", "images.s3.us-iso-east-1.c2s.ic.gov"],
    ["eusc-de-east-1", "images.s3.eusc-de-east-1.amazonaws.eu"],
  ])("is followed to the bucket's host in %s: %s", (region, host) => {
    const text = nginxOf(({ storage }) => ({ region, storage: { ...storage, bucket: "images" } }));
    expect(text).toContain(`proxy_pass https://${host}$s3_request;`);
    expect(mapped("s3_request", `sha256:${digest} https://${host}${blobPath(digest)}`, text)).toBeDefined();
    expect(
      mapped("s3_request", `sha256:${digest} https://images.s3.other.amazonaws.com${blobPath(digest)}`, text),
    ).toBe("");
  });

  it("is asked for with nothing of the client's request but the range, and that only where the whole is not wanted", () => {
    for (const [location, range] of [
      ["@blob {", '""'],
      ["@blob_to_pass {", "$http_range"],
    ] as const) {
      const text = block(`location ${location}`);
      expect(text).toContain("proxy_pass_request_headers off;");
      expect(text).toContain("proxy_pass_request_body off;");
      expect(
        [...text.matchAll(/proxy_set_header (\S+) (\S+);/g)].map(([, name, value]) => `${name}: ${value}`),
      ).toEqual([
        'Connection: ""',
        'Content-Length: ""',
        'Transfer-Encoding: ""',
        "Host: $proxy_host",
        `Range: ${range}`,
      ]);
    }
  });

  it("is found by the VPC's resolver", () => {
    expect(config).toContain("\n  resolver 10.80.0.2 ");
  });

  it("is left to the client where redirection is configured: then nothing is followed, and nothing cached", () => {
    const redirecting = exampleTree(({ storage }) => ({ storage: { ...storage, redirect: true } }));
    expect(fileOf(redirecting, "proxy-1", "/etc/nginx/nginx.conf")).not.toMatch(/@blob|307|proxy_cache|s3_request/);
  });
});

describe("the cache of blobs", () => {
  const folder = "/var/cache/nginx-blobs";
  it("is as large as configured, and private: nginx makes its folder", () => {
    expect(config).toContain(`proxy_cache_path ${folder} levels=1:2 keys_zone=blobs:10m max_size=2g `);
    expect(fileOf(tree, "proxy-1", "/etc/tmpfiles.d/nginx-blobs.conf")).toContain(`d ${folder} 0700 www-data root -\n`);
  });

  it("is named by the digest alone, so that repositories share blobs", () => {
    expect(block("location @blob")).toContain("proxy_cache_key $blob_digest;");
    expect(mapped("blob_digest", `/v2/team/app/blobs/sha256:${digest}`)).toBe(`sha256:${digest}`);
  });

  it.each([
    ["/v2/team/app/manifests/latest"],
    [`/v2/team/app/manifests/sha256:${digest}`],
    ["/v2/team/app/blobs/uploads/"],
    [`/v2/team/app/blobs/sha256:${digest}/`],
  ])("never sees %s", (uri) => {
    expect(mapped("blob_digest", uri)).toBeUndefined();
  });

  it.each([
    ["a blob", `GET sha256:${digest}`, "blobs"],
    ["a question whether there is one", `HEAD sha256:${digest}`, "off"],
    ["a digest of another kind", `GET sha512:${digest}${digest}`, "off"],
    ["what has no digest", "GET ", "off"],
  ])("is asked as it should be for %s", (_what, request, cache) => {
    expect(mapped("blob_cache", request)).toBe(cache);
  });

  it.each([
    ["0", "0"],
    ["99999999", "0"],
    ["299999999", "0"],
    ["300000000", "1"],
    ["1000000000", "1"],
    ["", "1"],
  ])("of an answer with the length '%s' says: too large? %s", (length, isLarge) => {
    expect(mapped("is_large_blob", length)).toBe(isLarge);
  });

  it("makes nobody wait for another client who asks for what will not be kept", () => {
    const url = `https://s3/${blobPath(digest)}`;
    expect(mapped("blob_location", `0  ${url}`)).toBe("@blob");
    expect(mapped("blob_location", `0  ${url}#size=299999999`)).toBe("@blob");
    expect(mapped("blob_location", `0  ${url}#size=300000000`)).toBe("@blob_to_pass");
    expect(block("location @blob {")).toContain("proxy_cache_lock on;");
    expect(mapped("blob_location", `0 bytes=0-1 ${url}#size=5`)).toBe("@blob_to_pass");
    expect(block("location @blob_to_pass")).not.toContain("proxy_cache_lock");
  });

  it("is not written to while the disk is nearly full", () => {
    const flag = /disk-guard \/var\/cache \d+ (\S+)/.exec(
      fileOf(tree, "proxy-1", "/etc/systemd/system/disk-guard.service"),
    )?.[1];
    expect(block("location /v2/")).toContain(`if (-f ${flag}) {`);
    expect(mapped("blob_location", `1  https://s3/${blobPath(digest)}#size=5`)).toBe("@blob_to_pass");
    expect(block("location @blob_to_pass")).toContain("proxy_no_cache 1;");
  });

  it("never answers with what is stale, or without the registry's word", () => {
    expect(config).not.toContain("proxy_cache_use_stale");
    expect(block("location /v2/")).not.toContain("proxy_cache");
  });

  it("is not there with a size of 0, and what one has left is removed", () => {
    const without = exampleTree(({ proxies }) => ({ proxies: { ...proxies, blobCacheGiB: 0 } }));
    expect(fileOf(without, "proxy-1", "/etc/nginx/nginx.conf")).not.toMatch(/proxy_cache|aio/);
    expect(fileOf(without, "proxy-1", "/etc/tmpfiles.d/nginx-blobs.conf")).toContain(`R ${folder}\n`);
  });

  it("is not there with redirection to S3, whatever its size, and what one has left is removed", () => {
    const redirecting = exampleTree(({ storage }) => ({ storage: { ...storage, redirect: true } }));
    expect(fileOf(redirecting, "proxy-1", "/etc/nginx/nginx.conf")).not.toMatch(/proxy_cache|aio/);
    expect(fileOf(redirecting, "proxy-1", "/etc/tmpfiles.d/nginx-blobs.conf")).toContain(`R ${folder}\n`);
  });
});

/** What nginx's map makes of a text. Its regular expressions are JavaScript's too, but for what they quote. */
function mapped(variable: string, text: string, from = config): string | undefined {
  const [, body = ""] = new RegExp(`map [^{]*\\$${variable} \\{\\n(.*?)\\n  \\}`, "s").exec(from) ?? [];
  const [, byDefault] = /default (\S+);/.exec(body) ?? [undefined, body.includes("<signed>") ? "" : undefined];
  for (const [, key = "", value = ""] of body.matchAll(/"(.*)" (\S+);/g)) {
    if (!key.startsWith("~") && key === text) return value;
    const quoted = key.replace(/\\Q(.*?)\\E/g, (_, words) => words.replace(/[.\\/-]/g, "\\$&"));
    const match = key.startsWith("~") && new RegExp(quoted.slice(1)).exec(text);
    if (match) return value.replace("$1", match[1] as string).replace("$signed", match.groups?.signed ?? "");
  }
  return byDefault;
}

/** nginx.conf of a proxy of another cluster. */
function nginxOf(change: Parameters<typeof exampleTree>[0]): string {
  return fileOf(exampleTree(change), "proxy-1", "/etc/nginx/nginx.conf");
}

it("logs which upstream answered", () => {
  expect(block("http {")).toMatch(/"upstream":"\$upstream_addr"/);
});

it("takes in every registry of a larger cluster", () => {
  const larger = exampleTree(({ registries }) => ({ registries: { ...registries, count: 4 } }));
  expect(fileOf(larger, "proxy-1", "/etc/nginx/nginx.conf").match(/:5000 .*backup;/g)).toHaveLength(4);
});

it("believes every proxy of a larger cluster", () => {
  const larger = exampleTree(({ proxies }) => ({ proxies: { ...proxies, count: 3 } }));
  const text = fileOf(larger, "proxy-3", "/etc/nginx/nginx.conf");
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
