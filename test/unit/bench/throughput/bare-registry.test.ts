import { expect, it } from "vitest";
import { parse } from "yaml";
import { bareConfig, type RegistryConfig } from "../../../bench/throughput/bare-registry.ts";

const config = parse(`
storage:
  s3: { bucket: images, rootdirectory: /registry, chunksize: 5242880 }
  redirect: { disable: false }
auth:
  htpasswd: { realm: registry.example.internal, path: /etc/distribution/htpasswd }
http:
  addr: 10.80.128.4:5000
  relativeurls: true
  debug: { addr: "10.80.128.4:5001" }
`) as RegistryConfig;

it("stores like the registries of the cluster, and asks the same users for their passwords", () => {
  expect(bareConfig(config)).toMatchObject({
    storage: { s3: config.storage.s3 },
    auth: { htpasswd: { realm: "registry.example.internal" } },
  });
});

it("serves TLS and every byte itself", () => {
  expect(bareConfig(config)).toMatchObject({
    storage: { redirect: { disable: true } },
    http: { addr: ":443", relativeurls: true, tls: { certificate: "/bench/server.pem", key: "/bench/server.pem" } },
  });
});
