import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { reportOf } from "../../../cli/report.ts";
import { parseBuilds } from "../../../config/builds.ts";
import { WatchMetrics } from "../../../images/watch/events.ts";
import { startServer } from "../../../images/watch/server.ts";
import { askWatch } from "../../../images/watch/status.ts";

const foreign = /\b(E[A-Z]{4,}|ERR_\w+)\b|Unexpected token|aborted|fetch failed|registry-cluster itself|^ +at /m;

async function failure(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return reportOf(error).text;
  }
  throw new Error("it did not fail");
}

async function serve(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("asking a watch says in our words what is wrong, and the mend", () => {
  it.each<[what: string, answer: RequestListener, why: RegExp]>([
    ["a page", (_request, response) => response.end("<!doctype html>"), /something else answers/],
    ["JSON of another kind", (_request, response) => response.end('{"repositories":3}'), /something else answers/],
    ["a list of another kind", (_request, response) => response.end('["app"]'), /something else answers/],
    ["nothing there", (_request, response) => response.writeHead(404).end(), /status 404/],
    ["a connection that is dropped", (request) => request.socket.destroy(), /closed the connection/],
  ])("where there is %s", async (_what, answer, why) => {
    const url = await serve(answer);
    const text = await failure(() => askWatch(url));
    expect(text).toMatch(new RegExp(`^no watch answers at ${url}\n  why:  `));
    expect(text).toMatch(why);
    expect(text).toMatch(/\n {2}mend: start one: /);
    expect(text).not.toMatch(foreign);
  });

  it("where nobody answers in time", async () => {
    const url = await serve(() => {});
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort(new DOMException("", "TimeoutError")));
    onTestFinished(() => void vi.restoreAllMocks());
    const text = await failure(() => askWatch(url));
    expect(text).toContain("why:  no answer came in time");
    expect(text).not.toMatch(foreign);
  });

  it.each(["localhost", "ftp://127.0.0.1", "http://["])("where the URL is none: %s", async (url) => {
    expect(await failure(() => askWatch(url))).toBe(
      `'${url}' is not a URL\n  mend: --url takes one such as http://127.0.0.1:9180`,
    );
  });
});

describe("a watch says in our words what is wrong, and the mend", () => {
  it.each([
    ["the port is in use", (port: number) => `127.0.0.1:${port}`, "the port is in use"],
    ["the address is another machine's", () => "192.0.2.1:9180", "this machine does not have the address"],
  ])("where %s", async (_what, listenAt, why) => {
    const { port } = new URL(await serve(() => {}));
    const listen = listenAt(Number(port));
    const text = await failure(() => startServer({ listen, repositories: new Map(), metrics: new WatchMetrics() }));
    expect(text).toMatch(new RegExp(`^cannot listen at ${listen}\n  why:  .*${why}\n  mend: name another address`));
    expect(text).not.toMatch(foreign);
  });

  const app = "url: https://git.test/app.git, tags: 'v*', image: r.test/app";
  it.each([
    ["an empty file", "", /repositories/],
    ["what is no YAML", "repositories: [", /builds.yml/],
    ["a list", "- a\n", /builds.yml/],
    ["no repositories", "pollInterval: 60s\n", /repositories/],
    ["a name in capitals", `repositories: {App: {${app}}}\n`, /App/],
    ["an unknown key", `repositories: {app: {${app}, branch: main}}\n`, /branch/],
    ["no URL", "repositories: {app: {tags: 'v*', image: r.test/app}}\n", /url/],
    ["a URL that is none", "repositories: {app: {url: nowhere, tags: 'v*', image: r.test/app}}\n", /nowhere/],
    [
      "a login in the URL",
      "repositories: {app: {url: 'https://u:hidden@git.test/a.git', tags: 'v*', image: r.test/app}}\n",
      /credentials/,
    ],
    ["no pattern", `repositories: {app: {url: https://git.test/app.git, image: r.test/app}}\n`, /tags/],
    ["a pattern that is none", `repositories: {app: {${app.replace("v*", ">=1 nonsense")}}}\n`, />=1 nonsense/],
    ["no image", "repositories: {app: {url: https://git.test/app.git, tags: 'v*'}}\n", /image/],
    ["an image without a registry", `repositories: {app: {${app.replace("r.test/app", "app")}}}\n`, /'app'/],
    ["a platform that is none", `repositories: {app: {${app}, platforms: [arm]}}\n`, /arm/],
    ["a secret as an argument", `repositories: {app: {${app}, buildArgs: {NPM_TOKEN: hidden-value-1}}}\n`, /NPM_TOKEN/],
    ["a secret's path that is not absolute", `repositories: {app: {${app}, secrets: {npm: npm}}}\n`, /npm/],
    ["a path that leads out", `repositories: {app: {${app}, context: ../x}}\n`, /\.\.\/x/],
    ["an interval that is too short", `pollInterval: 1s\nrepositories: {app: {${app}}}\n`, /pollInterval/],
    ["too many builds at once", `concurrency: 99\nrepositories: {app: {${app}}}\n`, /concurrency/],
    ["no address", `listen: here\nrepositories: {app: {${app}}}\n`, /listen/],
  ])("where its file has %s", async (_what, text, told) => {
    const said = await failure(() => parseBuilds(text, "builds.yml"));
    expect(said).toMatch(told);
    expect(said).toMatch(/builds\.yml/);
    expect(said).toMatch(/^ {2}mend: {4}\S/m);
    expect(said).not.toMatch(foreign);
    expect(said).not.toContain("hidden");
  });
});
