import { readdirSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { parseRepository } from "../../../config/git-repository.ts";
import { checkOut, listRefs, resolveSource } from "../../../images/git/checkout.ts";
import { until } from "../../lab/until.ts";
import { lastingFolder, temporaryFolder, write } from "../files.ts";
import { freePort } from "../moto.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { startGitHttp, TestRepository } from "./git-server.ts";

const { title, skip } = suiteWith("a server that does not answer", { git: "git" });
const limits = { idleMs: 1_500, totalMs: 6_000 };

describe.skipIf(skip)(title, () => {
  let silent: Server;
  let drip: Server;
  const sockets: Socket[] = [];
  const portOf = (server: Server) => (server.address() as { port: number }).port;

  beforeAll(async () => {
    const listen = async (onSocket: (socket: Socket) => void) => {
      const server = createServer((socket) => {
        sockets.push(socket);
        socket.on("error", () => {});
        onSocket(socket);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    };
    silent = await listen(() => {});
    drip = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\n\r\n");
      const timer = setInterval(() => socket.write("0"), 200);
      socket.on("close", () => clearInterval(timer));
    });
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silent?.close();
    drip?.close();
  });

  /** What is silent is asked again, until the time for all attempts is over. */
  const givenUp = /^gave up waiting for the server: (no output for 1.5 s|it took more than 6 s)$/;

  it.each([
    ["http", () => `http://127.0.0.1:${portOf(silent)}/app.git`],
    ["git", () => `git://127.0.0.1:${portOf(silent)}/app.git`],
    ["ssh", () => `ssh://git@127.0.0.1:${portOf(silent)}/app.git`],
    ["http, but says a little", () => `http://127.0.0.1:${portOf(drip)}/app.git`],
  ])(
    "is given up, and nothing of git goes on: %s",
    async (_how, url) => {
      const failure = await failureOf(listRefs(parseRepository(url()), temporaryFolder(), limits));
      expect(failure.details.cause).toMatch(givenUp);
      expect(await processesWith(url())).toEqual([]);
    },
    20_000,
  );

  it("is given up in the middle of a fetch too", async () => {
    const folder = lastingFolder();
    const repository = new TestRepository(folder, "app");
    repository.commit({ Dockerfile: "FROM scratch\n" });
    let isStuck = false;
    const server = await startGitHttp(folder, { instead: () => isStuck });
    const parsed = parseRepository(`${server.url}/app.git`);
    const source = await resolveSource(parsed, "main", temporaryFolder());
    isStuck = true;
    const failure = await failureOf(checkOut({ source, folder: temporaryFolder(), limits }));
    await server.stop();
    expect(failure.details.cause).toMatch(givenUp);
  }, 20_000);

  const command = (...args: string[]) =>
    execa("node", [join(checkout, "cli", "bin.js"), ...args], { reject: false, env: { TMPDIR: temporaryFolder() } });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "does not keep a build that is told to end: %s",
    async (signal) => {
      const url = `http://127.0.0.1:${portOf(silent)}/${signal}.git`;
      const build = command("image", "build", url, "--ref", "v1");
      await until(async () => (await processesWith(url)).length > 0, 60_000, "git asks");
      const begun = Date.now();
      build.kill(signal);
      expect((await build).exitCode).toBe(130);
      expect(Date.now() - begun).toBeLessThan(6_000);
      expect(await processesWith(url)).toEqual([]);
    },
    90_000,
  );

  it("makes the watch's health red, while others are built", async () => {
    const port = await freePort();
    const repositories = `{app: {url: "http://127.0.0.1:${portOf(silent)}/watched.git", tags: "v*", image: 127.0.0.1:9/app}}`;
    const file = write(
      join(temporaryFolder(), "builds.yml"),
      `repositories: ${repositories}\nlisten: 127.0.0.1:${port}\npollInterval: 5s\n`,
    );
    const watch = command("image", "watch", "--config", file);
    const health = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        (answer) => answer.status,
        () => 0,
      );
    await until(async () => (await health()) === 200, 60_000, "it is up");
    await until(async () => (await health()) === 503, 100_000, "it is red");
    watch.kill("SIGTERM");
    expect((await watch).exitCode).toBe(0);
  }, 200_000);
});

describe.skipIf(skip)("what a run has left that was killed", () => {
  it("is removed by the next one, and what others use is not", async () => {
    const TMPDIR = temporaryFolder();
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/left.git`;
    const start = () =>
      execa("node", [join(checkout, "cli", "bin.js"), "image", "build", url, "--ref", "v1"], {
        reject: false,
        env: { TMPDIR },
      });
    const folders = () => readdirSync(TMPDIR).filter((name) => name.startsWith("registry-cluster-build-"));
    const killed = start();
    await until(async () => folders().length === 1, 60_000, "it has begun");
    const [left] = folders();
    killed.kill("SIGKILL");
    await killed;
    expect(folders()).toEqual([left]);
    const second = start();
    await until(async () => folders().length === 1 && folders()[0] !== left, 60_000, "another has begun");
    const [used] = folders();
    const third = start();
    await until(async () => folders().length === 2, 60_000, "a third has begun");
    expect(folders()).toContain(used);
    for (const run of [second, third]) run.kill("SIGTERM");
    await Promise.all([second, third]);
    expect(folders()).toEqual([]);
    server.close();
    // The killed build's git continues until the server hangs up.
  }, 200_000);
});

/** Command lines of running programs that contain these words. */
async function processesWith(words: string): Promise<string[]> {
  const { stdout } = await execa("ps", ["-eo", "args"]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(words) && line.includes("git-remote") && !line.includes("bin.js"));
}
