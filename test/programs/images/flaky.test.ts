import { mkdirSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silently } from "../../../common/step.ts";
import { buildImage } from "../../../images/build-image.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { type GitServer, startGitDaemon, TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const { title, skip } = suiteWith("a registry that fails for a moment", { git: "git", buildah: "buildah" });

/** A proxy in front of a registry, whose first uploads of each kind fail: by 502, and by a connection that is dropped. */
function flakyProxy(target: string): Server {
  const failures = new Map<string, number>();
  return createServer((incoming, outgoing) => {
    const kind = `${incoming.method} ${incoming.url?.includes("/manifests/") ? "manifest" : "blob"}`;
    const seen = failures.get(kind) ?? 0;
    failures.set(kind, seen + 1);
    if (/^(PUT|PATCH)/.test(kind) && seen < 2) {
      if (seen === 0) outgoing.writeHead(502).end();
      else incoming.socket.destroy();
      return;
    }
    const [hostname, port] = target.split(":");
    const { host: _host, ...headers } = incoming.headers;
    const onward = request({ hostname, port, method: incoming.method, path: incoming.url, headers }, (answer) => {
      const location = answer.headers.location?.replace(target, incoming.headers.host ?? "");
      outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...(location ? { location } : {}) });
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
}

describe.skipIf(skip)(title, () => {
  let git: GitServer;
  let registry: TestRegistry;
  let proxy: Server;
  let host: string;
  const loginBefore = process.env.DOCKER_CONFIG;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    const folder = lastingFolder();
    git = await startGitDaemon(folder);
    registry = await startRegistry(folder);
    proxy = flakyProxy(registry.host);
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const logins = join(folder, "proxy-logins");
    mkdirSync(logins);
    const auth = Buffer.from("ci:a-password-that-nobody-may-see").toString("base64");
    write(join(logins, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }), 0o600);
    process.env.DOCKER_CONFIG = logins;
    const repository = new TestRepository(folder, "app");
    repository.commit({ Dockerfile: "FROM scratch\nCOPY . /\n" });
    repository.tag("v1");
  }, 60_000);
  afterAll(async () => {
    if (loginBefore === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = loginBefore;
    proxy?.close();
    proxy?.closeAllConnections();
    await Promise.all([git?.stop(), registry?.stop()]);
  });

  it("costs an image no second build", async () => {
    const props = { repository: `${git.url}/app.git`, ref: "v1", builder: "buildah", push: `${host}/app` };
    const steps: string[] = [];
    const built = await buildImage(props, (name, run) => {
      steps.push(name);
      return run(() => {});
    });
    expect(steps.filter((name) => name.startsWith("Build with"))).toHaveLength(1);
    expect(built.published).toMatchObject({ by: "built", tags: ["v1", expect.any(String)] });
    expect((await registry.ask("app/manifests/v1")).status).toBe(200);
    expect((await buildImage(props, silently)).published?.by).toBe("existing");
  }, 120_000);
});
