import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { registryImage } from "../../artifacts/registry-image.ts";
import { pushAndPull } from "../../lab/round-trip.ts";
import { type LabNode, labFiles } from "../../lab/state.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { ports } from "../../topology/ports.ts";
import {
  address,
  call,
  digestOf,
  lab,
  locationOf,
  login,
  nodesThatServe,
  proxies,
  registries,
  withDigest,
} from "./support.ts";
import { until, untilItWorks } from "./until.ts";

const hasSkopeo = (await execa("skopeo", ["--version"], { reject: false })).exitCode === 0;

describe("a client of the registry", () => {
  it("pushes and pulls an image with docker, and gets back what it sent", async () => {
    await pushAndPull(lab, () => {});
  });

  it.skipIf(!hasSkopeo)(
    "pushes and pulls an image with skopeo, trusting the CA (skopeo: apt-get install skopeo)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "skopeo-"));
      const trust = join(folder, "trust");
      await execa("install", ["-D", labFiles(lab.name).caCertificate, join(trust, "ca.crt")]);
      const credentials = `${login.user}:${login.password}`;
      const remote = `docker://${address}/skopeo/registry:1`;
      try {
        await execa("skopeo", [
          ...["copy", "--dest-cert-dir", trust, "--dest-creds", credentials],
          ...[`docker-archive:${registryImage.archivePath()}`, remote],
        ]);
        await execa("skopeo", [
          "copy",
          "--src-cert-dir",
          trust,
          "--src-creds",
          credentials,
          remote,
          `dir:${folder}/image`,
        ]);
        const { stdout } = await execa("skopeo", ["inspect", "--config", `dir:${folder}/image`]);
        expect(JSON.parse(stdout)).toMatchObject({ config: { Entrypoint: ["/registry"] } });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  it("pushes and pulls a layer of 500 MB", async () => {
    const folder = mkdtempSync(join(tmpdir(), "layer-"));
    const ownConfig = join(folder, "docker");
    const image = `${address}/large/layer:1`;
    const client = (...args: string[]) => docker(["--config", ownConfig, ...args]);
    try {
      writeFileSync(join(folder, "data"), randomBytes(500 * 1024 * 1024));
      await execa("tar", ["--create", "--file", join(folder, "layer.tar"), "--directory", folder, "data"]);
      const pushed = await docker(["import", join(folder, "layer.tar"), image]);
      await docker(["--config", ownConfig, "login", "--username", login.user, "--password-stdin", address], {
        input: login.password,
      });
      await client("push", "--quiet", image);
      await client("rmi", "--force", pushed);
      await client("pull", "--quiet", image);
      expect(await client("image", "inspect", "--format", "{{.Id}}", image)).toBe(pushed);
    } finally {
      await client("rmi", "--force", image);
      rmSync(folder, { recursive: true });
    }
  });

  it("goes on with an upload at the other registry when the one that began it is gone", async () => {
    const parts = [randomBytes(6 * 1024 * 1024), randomBytes(6 * 1024 * 1024)] as const;
    const digest = digestOf(Buffer.concat(parts));
    const [first, second] = registries as [LabNode, LabNode];

    await stopRegistry(second);
    const started = await call("POST", "/v2/resumed/upload/blobs/uploads/");
    const begun = await call("PATCH", locationOf(started), parts[0], { "content-range": `0-${parts[0].length - 1}` });
    expect(begun.status).toBe(202);
    await startRegistry(second);
    await stopRegistry(first);
    try {
      const range = `${parts[0].length}-${parts[0].length + parts[1].length - 1}`;
      const resumed = await call("PATCH", locationOf(begun), parts[1], { "content-range": range });
      expect(resumed.status).toBe(202);
      const done = await call("PUT", withDigest(locationOf(resumed), digest));
      expect(done.status).toBe(201);
    } finally {
      await startRegistry(first);
    }
    const pulled = await call("GET", `/v2/resumed/upload/blobs/${digest}`);
    expect(digestOf(pulled.body)).toBe(digest);
  });

  it("is refused without a login", async () => {
    const { stdout } = await execa("curl", [
      ...[
        "--silent",
        "--cacert",
        labFiles(lab.name).caCertificate,
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
      ],
      ...[
        "--connect-to",
        `${lab.domainName}:443:127.0.0.1:${lab.ports.https}`,
        `https://${lab.domainName}/v2/_catalog`,
      ],
    ]);
    expect(stdout).toBe("401");
  });
});

describe("the load", () => {
  it("is carried by every proxy and every registry", async () => {
    expect(await nodesThatServe()).toEqual([...proxies, ...registries].map(({ name }) => name));
  });
});

const stopRegistry = (node: LabNode) => dockerExec(node.container, ["systemctl", "stop", "registry"]);

/** Starts a registry and waits until it answers and every proxy sends it requests. */
async function startRegistry({ name, container, privateIp }: LabNode): Promise<void> {
  await dockerExec(container, ["systemctl", "start", "registry"]);
  const answers = ["curl", "--silent", "--output", "/dev/null", `http://${privateIp}:5000/`];
  await untilItWorks(() => dockerExec(container, answers), 30_000);
  const isUp = `haproxy_server_status{proxy="registries",server="${name}",state="UP"} 1`;
  for (const proxy of proxies) {
    const metrics = ["curl", "--silent", `http://${proxy.privateIp}:${ports.proxyMetrics}/metrics`];
    const knows = async () => (await dockerExec(proxy.container, metrics)).includes(isUp);
    await until(knows, 30_000, `${proxy.name} knows that ${name} is up`);
  }
}
