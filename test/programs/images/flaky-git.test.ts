import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseRepository } from "../../../config/git-repository.ts";
import { checkOut, listRefs, resolveSource } from "../../../images/git/checkout.ts";
import { gitRetries } from "../../../images/git/git.ts";
import { lastingFolder, temporaryFolder } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { type GitHttpServer, startGitHttp, TestRepository } from "./git-server.ts";

const { title, skip } = suiteWith("a git server that fails for a moment", { git: "git" });
const limits = { idleMs: 1_500, totalMs: 30_000 };

describe.skipIf(skip)(title, () => {
  let folder: string;
  let commit: string;
  const servers: GitHttpServer[] = [];
  const usual = { ...gitRetries };

  beforeAll(() => {
    Object.assign(gitRetries, { firstPause: 0.01, longestPause: 0.01 });
    folder = lastingFolder();
    const repository = new TestRepository(folder, "app");
    commit = repository.commit({ Dockerfile: "FROM scratch\n" });
  });
  afterAll(() => Object.assign(gitRetries, usual));
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  /** @param fail answers the first few matching requests instead of git */
  async function serve(fail: (response: ServerResponse) => void, isFor: (url: string) => boolean, times: number) {
    let left = times;
    const instead = ({ url = "" }: IncomingMessage, response: ServerResponse) => {
      if (!isFor(url) || left-- <= 0) return false;
      fail(response);
      return true;
    };
    const server = await startGitHttp(folder, { instead });
    servers.push(server);
    return { server, repository: parseRepository(`${server.url}/app.git`) };
  }

  const failures: readonly [how: string, fail: (response: ServerResponse) => void][] = [
    ["answers 502", (response) => response.writeHead(502).end()],
    ["answers 429", (response) => response.writeHead(429).end()],
    ["drops the connection", (response) => response.socket?.destroy()],
    [
      "drops the connection half-way",
      (response) => {
        response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
        response.write("0008NAK\n", () => response.socket?.destroy());
      },
    ],
    ["says nothing for too long", () => {}],
  ];

  it.each(failures)(
    "is asked again for its refs when it %s",
    async (_how, fail) => {
      const { repository } = await serve(fail, (url) => url.includes("/info/refs"), 2);
      const refs = await listRefs(repository, temporaryFolder(), limits);
      expect(refs).toEqual([{ kind: "branch", name: "main", commit }]);
    },
    30_000,
  );

  it.each(failures)(
    "is asked again for the files of a commit when it %s",
    async (_how, fail) => {
      let isFetching = false;
      const { repository } = await serve(fail, (url) => isFetching && url.endsWith("/git-upload-pack"), 2);
      const source = await resolveSource(repository, "main", temporaryFolder(), limits);
      isFetching = true;
      const tree = await checkOut({ source, folder: temporaryFolder(), limits });
      expect(tree.source.commit).toBe(commit);
    },
    30_000,
  );

  it("is given up when it goes on failing", async () => {
    const { server, repository } = await serve(
      (response) => response.writeHead(503).end(),
      () => true,
      1_000,
    );
    const failure = await failureOf(listRefs(repository, temporaryFolder(), limits));
    expect(failure.details.fix).toContain("the git server or the connection to it fails");
    expect(server.asked()).toHaveLength(gitRetries.attempts);
  }, 30_000);

  it.each([401, 403, 404])("is asked once when it refuses: %i", async (status) => {
    const { server, repository } = await serve(
      (response) => response.writeHead(status).end(),
      () => true,
      1_000,
    );
    await failureOf(listRefs(repository, temporaryFolder(), limits));
    expect(server.asked()).toHaveLength(1);
  });

  it("is asked once where nobody listens", async () => {
    const begun = Date.now();
    Object.assign(gitRetries, { firstPause: 10, longestPause: 10 });
    await failureOf(listRefs(parseRepository("git://127.0.0.1:1/app.git"), temporaryFolder(), limits));
    Object.assign(gitRetries, { firstPause: 0.01, longestPause: 0.01 });
    expect(Date.now() - begun).toBeLessThan(5_000);
  }, 30_000);

  it("is not waited for longer than all attempts may take together", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const begun = Date.now();
    const failure = await failureOf(
      listRefs(parseRepository(`http://127.0.0.1:${port}/app.git`), temporaryFolder(), {
        idleMs: 1_000,
        totalMs: 1_500,
      }),
    );
    expect(Date.now() - begun).toBeLessThan(8_000);
    expect(failure.details.cause).toBe("gave up waiting for the server: it took more than 1.5 s");
    for (const socket of sockets) socket.destroy();
    silent.close();
  }, 30_000);
});
