import { createHmac } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type ResultPromise } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import type { RepositoryStatus } from "../../../images/watch/repository-watch.ts";
import { until as untilItHolds } from "../../lab/until.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder, write } from "../files.ts";
import { freePort } from "../moto.ts";
import { suiteWith } from "../program.ts";
import { type GitServer, startGitDaemon, TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const { title, skip } = suiteWith("a watch of repositories", { git: "git", buildah: "buildah" });
const secret = "a-secret-of-the-webhook";
const dockerfile = "FROM scratch\nCOPY . /\n";

describe.skipIf(skip)(title, () => {
  let git: GitServer;
  let registry: TestRegistry;
  let folder: string;
  let port: number;
  const watches: ResultPromise[] = [];

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    port = await freePort();
    write(join(folder, "secret"), `${secret}\n`, 0o600);
    git = await startGitDaemon(folder);
    registry = await startRegistry(folder);
  }, 60_000);
  afterEach(async () => {
    for (const watch of watches.splice(0)) {
      watch.kill("SIGTERM");
      await watch;
    }
  });
  afterAll(async () => {
    await Promise.all([git?.stop(), registry?.stop()]);
  });

  function repository(name: string): TestRepository {
    const made = new TestRepository(folder, name);
    made.commit({ Dockerfile: dockerfile });
    return made;
  }

  /** Starts a watch of one repository. */
  /** A watch's own temporary folder, because other tests build at the same time. */
  function temporaryOf(name: string): string {
    const temporary = join(folder, `tmp-${name}`);
    mkdirSync(temporary, { recursive: true });
    return temporary;
  }

  function watch(name: string, pollInterval = "5s", tags = "v*"): ResultPromise {
    const config = {
      image: `${registry.host}/{name}`,
      pollInterval,
      listen: `127.0.0.1:${port}`,
      webhookSecretFile: join(folder, "secret"),
      repositories: { [name]: { url: `${git.url}/${name}.git`, tags } },
    };
    const file = write(join(folder, `${name}.yml`), JSON.stringify(config));
    const started = execa("node", ["cli/bin.js", "image", "watch", "--config", file], {
      ...{
        cwd: checkout,
        env: { DOCKER_CONFIG: registry.logins, TMPDIR: temporaryOf(name) },
        reject: false,
        all: true,
      },
    });
    watches.push(started);
    return started;
  }

  const isThere = async (name: string, tag: string) => (await registry.ask(`${name}/manifests/${tag}`)).status === 200;

  const until = (what: string, condition: () => Promise<boolean>, withinMs: number) =>
    untilItHolds(() => condition().catch(() => false), withinMs, what);
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const statusOf = async () => ((await (await get("/status")).json()) as RepositoryStatus[])[0] as RepositoryStatus;
  const untilUp = () => until("the watch answers", async () => (await get("/healthz")).ok, 20_000);

  it("builds a tag soon after it was pushed", async () => {
    const app = repository("app");
    watch("app");
    await untilUp();
    app.tag("v1");
    await until("the image is there", () => isThere("app", "v1"), 20_000);
    const counted = 'image_watch_builds_total{repository="app",result="built"} 1';
    await until("it is counted", async () => (await (await get("/metrics")).text()).includes(counted), 5_000);
    const { stdout } = await execa(
      "node",
      ["cli/bin.js", "image", "status", "--url", `http://127.0.0.1:${port}`, "--json"],
      {
        cwd: checkout,
      },
    );
    expect(JSON.parse(stdout)).toMatchObject([{ repository: "app", done: 1, failed: 0 }]);
  }, 60_000);

  it("asks at once when a genuine webhook comes, and at no other", async () => {
    const hooked = repository("hooked");
    watch("hooked", "1h");
    await until("it has asked once", async () => (await statusOf()).polledAt !== undefined, 20_000);
    hooked.tag("v1");
    const post = (signature: string) =>
      fetch(`http://127.0.0.1:${port}/hooks/hooked`, {
        ...{ method: "POST", body: "{}", headers: { "x-hub-signature-256": `sha256=${signature}` } },
      });
    expect((await post("0".repeat(64))).status).toBe(401);
    await sleep(1_500);
    expect(await isThere("hooked", "v1")).toBe(false);
    expect((await post(createHmac("sha256", secret).update("{}").digest("hex"))).status).toBe(202);
    await until("the image is there", () => isThere("hooked", "v1"), 20_000);
  }, 60_000);

  it("builds fifty tags that come at once, each once", async () => {
    const many = repository("many");
    watch("many");
    await untilUp();
    for (let i = 1; i <= 50; i++) {
      many.commit({ "hello.txt": String(i) });
      many.git("tag", `v${i}`);
    }
    many.git("push", "--quiet", "origin", "--tags");
    await until("all are there", async () => (await statusOf()).done === 50, 240_000);
    for (let i = 1; i <= 50; i++) expect(await isThere("many", `v${i}`)).toBe(true);
    expect(await (await get("/metrics")).text()).toContain('builds_total{repository="many",result="built"} 50');
  }, 300_000);

  it("asks the registry after a restart, and builds nothing again", async () => {
    const again = repository("again");
    again.tag("v1");
    const first = watch("again");
    await until("the image is there", () => isThere("again", "v1"), 30_000);
    first.kill("SIGTERM");
    expect(await first).toMatchObject({ exitCode: 0 });
    watch("again");
    await untilUp();
    await until("it is known", async () => (await statusOf()).done === 1, 20_000);
    expect(await (await get("/metrics")).text()).toContain('result="existing"} 1');
  }, 90_000);

  describe("in the middle of a build", () => {
    let slowServer: Server;
    let isAsked: boolean;
    let answers: boolean;
    beforeEach(async () => {
      [isAsked, answers] = [false, false];
      slowServer = createServer((_request, response) => {
        isAsked = true;
        if (answers) response.end("at last");
      });
      await new Promise<void>((resolve) => slowServer.listen(0, "127.0.0.1", resolve));
    });
    afterEach(() => {
      slowServer.closeAllConnections();
      slowServer.close();
    });

    /** Starts a watch of a repository whose image needs a file that never arrives. */
    async function watchOfSlow(name: string): Promise<{ readonly program: ResultPromise }> {
      const slow = repository(name);
      const { port } = slowServer.address() as AddressInfo;
      slow.commit({ Dockerfile: `${dockerfile}ADD http://127.0.0.1:${port}/part /\n` });
      slow.tag("v1");
      const program = watch(name);
      await until("it is in the middle of its build", async () => isAsked, 20_000);
      return { program };
    }

    it("is killed, leaves no tag, and the next one builds the image", async () => {
      const { program } = await watchOfSlow("killed");
      program.kill("SIGKILL");
      await program;
      expect(await isThere("killed", "v1")).toBe(false);
      answers = true;
      watch("killed");
      await until("the image is there", () => isThere("killed", "v1"), 30_000);
    }, 90_000);

    it("is stopped, ends well, and leaves no tag and no folder", async () => {
      const left = () =>
        readdirSync(temporaryOf("stopped")).filter((name) => name.startsWith("registry-cluster-build-"));
      const { program } = await watchOfSlow("stopped");
      expect(left()).toHaveLength(1);
      program.kill("SIGTERM");
      expect((await program).exitCode).toBe(0);
      expect(left()).toEqual([]);
      expect(await isThere("stopped", "v1")).toBe(false);
    }, 90_000);
  });

  it("refuses a tag that has moved, and says so", async () => {
    const moved = repository("moved");
    moved.tag("v1");
    watch("moved");
    await until("the image is there", () => isThere("moved", "v1"), 30_000);
    moved.commit({ "hello.txt": "another" });
    moved.tag("v1", { force: true });
    await until(
      "it says so",
      async () => {
        const status = await statusOf();
        return /is the image of another commit/.test(status.problem ?? "");
      },
      20_000,
    );
    expect((await get("/healthz")).status).toBe(200);
  }, 90_000);

  it("refuses a file with faults, each with its line", async () => {
    const file = write(
      join(folder, "faulty.yml"),
      "pollIntervall: 5s\nrepositories:\n  app:\n    url: ext::sh\n    tags: '>=banana'\n",
    );
    const { exitCode, stderr } = await execa("node", ["cli/bin.js", "image", "watch", "--config", file], {
      ...{ cwd: checkout, reject: false },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${file}:1: pollIntervall`);
    expect(stderr).toContain(`${file}:5: repositories.app.tags`);
  }, 30_000);

  it("does not start where nothing could build", async () => {
    const file = write(
      join(folder, "good.yml"),
      'image: 127.0.0.1:1/{name}\nrepositories:\n  app:\n    url: file:///srv/app\n    tags: "*"\n',
    );
    const options = { cwd: checkout, reject: false } as const;
    const watch = await execa(
      "node",
      ["cli/bin.js", "image", "watch", "--config", file, "--builder", "kaniko"],
      options,
    );
    expect(watch.exitCode).toBe(1);
    expect(watch.stderr).toContain("there is no builder 'kaniko'");
  }, 30_000);
});
