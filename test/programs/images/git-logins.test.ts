import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseRepository } from "../../../config/git-repository.ts";
import { type CheckoutProps, checkOut, resolveSource } from "../../../images/git/checkout.ts";
import { lastingFolder, temporaryFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { type GitHttpProps, type GitHttpServer, startGitHttp, TestRepository } from "./git-server.ts";

const { title, skip } = suiteWith("the login of a repository", { git: "git" });
const login = "ci:s3cr3t";

describe.skipIf(skip)(title, () => {
  let folder: string;
  let own: GitHttpServer;
  const others: GitHttpServer[] = [];
  let home: string;
  const homeBefore = process.env.HOME;

  beforeAll(async () => {
    folder = lastingFolder();
    own = await startGitHttp(folder, { login });
    new TestRepository(folder, "library").commit({ "library.txt": "from the library" });
  });
  beforeEach(() => {
    home = temporaryFolder();
    process.env.HOME = home;
  });
  afterEach(() => {
    process.env.HOME = homeBefore;
  });
  afterAll(() => Promise.all([own, ...others].map((server) => server.stop())));

  /** Another place with the same repositories, which asks for a login too. */
  async function another(props: GitHttpProps = { host: "127.0.0.2" }): Promise<GitHttpServer> {
    const server = await startGitHttp(folder, { login, ...props });
    others.push(server);
    return server;
  }

  const settings = (text: string) => write(join(home, ".gitconfig"), text);
  const withLogin = (url: string) => url.replace("//", `//${login}@`);

  async function checkedOut(url: string, options: Partial<CheckoutProps> = {}): Promise<string> {
    const place = temporaryFolder();
    const source = await resolveSource(parseRepository(url), "main", join(place, "refs"));
    return (await checkOut({ source, folder: place, ...options })).folder;
  }

  let count = 0;
  /** A repository that has another one as a submodule. @returns its name */
  function withSubmodule(url: string): string {
    const name = `app-${++count}`;
    const repository = new TestRepository(folder, name);
    repository.git("submodule", "--quiet", "add", "--name", "parts", join(folder, "library.git"), "library");
    repository.git("config", "--file=.gitmodules", "submodule.parts.url", url);
    repository.commit({ Dockerfile: "FROM scratch\n" });
    return name;
  }
  const submodulesOf = (name: string) => checkedOut(`${withLogin(own.url)}/${name}.git`, { submodules: true });

  it.each([
    ["an absolute URL", () => `${own.url}/library.git`],
    ["a relative one", () => "../library.git"],
  ])("is that of submodules on the same server too, by %s", async (_how, url) => {
    const tree = await submodulesOf(withSubmodule(url()));
    expect(readFileSync(join(tree, "library", "library.txt"), "utf8")).toBe("from the library");
  });

  it.each([
    ["another host", { host: "127.0.0.2" }],
    ["another port of the same host", { host: "127.0.0.1" }],
  ])("does not go to a submodule of %s", async (_where, props) => {
    const other = await another(props);
    const failure = await failureOf(submodulesOf(withSubmodule(`${other.url}/library.git`)));
    expect(failure.message).toBe("cannot fetch the submodules");
    expect(failure.details.fix).toContain("log in");
    expect(other.asked()).not.toEqual([]);
    expect(other.logins()).toEqual([]);
  });

  it("does not go to a submodule of a submodule elsewhere", async () => {
    const other = await another();
    const inner = withSubmodule(`${other.url}/library.git`);
    const outer = `outer-${inner}`;
    const repository = new TestRepository(folder, outer);
    repository.git("submodule", "--quiet", "add", join(folder, `${inner}.git`), "inner");
    repository.git("config", "--file=.gitmodules", "submodule.inner.url", `../${inner}.git`);
    repository.commit({ Dockerfile: "FROM scratch\n" });
    await failureOf(submodulesOf(outer));
    expect(other.asked()).not.toEqual([]);
    expect(other.logins()).toEqual([]);
  });

  const redirectTo = (server: GitHttpServer) => (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(302, { location: `${server.url}${request.url}` }).end();
    return true;
  };

  it.each([
    ["before it was asked for", undefined],
    ["after it was given", login],
  ])("does not follow a redirect to another host, %s", async (_when, asked) => {
    const other = await another();
    const redirecting = await another({ host: "127.0.0.1", login: asked, instead: redirectTo(other) });
    const failure = await failureOf(checkedOut(`${withLogin(redirecting.url)}/library.git`));
    expect(failure.details.fix).toContain("log in");
    expect(other.asked()).not.toEqual([]);
    expect(other.logins()).toEqual([]);
  });

  it("does not go where the user's settings lead the URL", async () => {
    const other = await another();
    settings(`[url "${other.url}/"]\n\tinsteadOf = ${own.url}/\n`);
    await failureOf(checkedOut(`${withLogin(own.url)}/library.git`));
    expect(other.asked()).not.toEqual([]);
    expect(other.logins()).toEqual([]);
  });

  it("is not kept by the user's own helper, which logs in elsewhere", async () => {
    const other = await another({ host: "127.0.0.2", login: "me:mine" });
    const kept = write(join(home, "kept"), `${other.url.replace("//", "//me:mine@")}\n`, 0o600);
    settings(`[credential]\n\thelper = store --file ${kept}\n`);
    const tree = await submodulesOf(withSubmodule(`${other.url}/library.git`));
    expect(existsSync(join(tree, "library", "library.txt"))).toBe(true);
    expect(new Set(other.logins())).toEqual(new Set(["me:mine"]));
    expect(readFileSync(kept, "utf8")).not.toContain("s3cr3t");
  });

  it("is used whatever the user's settings say of logins", async () => {
    settings(
      "[credential]\n\thelper = !false\n\tuseHttpPath = true\n\tusername = somebody\n[core]\n\taskPass = false\n",
    );
    expect(existsSync(join(await checkedOut(`${withLogin(own.url)}/library.git`), "library.txt"))).toBe(true);
  });

  it.each([
    ["a token alone", "t0ken", "t0ken:"],
    ["any characters", "a%40b:%25%27%22$x%2F%5C", "a@b:%'\"$x/\\"],
  ])("may be %s", async (_what, given, login) => {
    const server = await another({ host: "127.0.0.1", login });
    await checkedOut(`${server.url.replace("//", `//${given}@`)}/library.git`);
    expect(server.logins()).toContain(login);
  });

  it("asks no program of the user's for one", async () => {
    const asked = join(home, "asked");
    const program = write(join(home, "ask"), `#!/bin/sh\ntouch '${asked}'\n`, 0o755);
    settings(`[core]\n\taskPass = ${program}\n`);
    await failureOf(checkedOut(`${own.url}/library.git`));
    expect(existsSync(asked)).toBe(false);
  });

  describe("over https", () => {
    let secure: GitHttpServer;
    let certificate: string;
    beforeAll(async () => {
      certificate = join(folder, "server.crt");
      const key = join(folder, "server.key");
      execFileSync("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
        ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
      ]);
      secure = await another({
        host: "127.0.0.1",
        tls: { key: readFileSync(key, "utf8"), cert: readFileSync(certificate, "utf8") },
      });
    });

    it("does not go over http, to the same host", async () => {
      settings(`[http]\n\tsslCAInfo = ${certificate}\n`);
      const plain = await another({ host: "127.0.0.1" });
      const name = withSubmodule(`${plain.url}/library.git`);
      const failure = await failureOf(checkedOut(`${withLogin(secure.url)}/${name}.git`, { submodules: true }));
      expect(failure.message).toBe("cannot fetch the submodules");
      expect(plain.asked()).toEqual([]);
    });
  });

  const lfs = suiteWith("with git LFS", { "git-lfs": "git-lfs" });
  describe.skipIf(lfs.skip)(lfs.title, () => {
    /** A repository with a file that LFS keeps, and what says where. */
    function withLfs(lfsconfig: string): string {
      const name = `lfs-${++count}`;
      const repository = new TestRepository(folder, name);
      repository.git("lfs", "install", "--local");
      repository.git("lfs", "track", "*.bin");
      repository.git("remote", "set-url", "origin", `file://${repository.bare}`);
      repository.commit({ "data.bin": "what is kept elsewhere" });
      // Its files are pushed: keep LFS from using the other place for them.
      repository.git("config", "core.hooksPath", "/dev/null");
      if (lfsconfig) repository.commit({ ".lfsconfig": lfsconfig });
      return name;
    }
    const pulled = (server: GitHttpServer, name: string) =>
      checkedOut(`${withLogin(server.url)}/${name}.git`, { lfs: true });

    it.each(["lfs.url", "remote.origin.lfsurl"])("does not go to another host that %s names", async (key) => {
      const other = await another();
      const [section, rest] = [key.slice(0, key.lastIndexOf(".")), key.slice(key.lastIndexOf(".") + 1)];
      const heading = section === "lfs" ? "[lfs]" : '[remote "origin"]';
      const failure = await failureOf(pulled(own, withLfs(`${heading}\n\t${rest} = ${other.url}/lfs\n`)));
      expect(failure.message).toBe("cannot fetch the Git LFS files");
      expect(other.asked()).not.toEqual([]);
      expect(other.logins()).toEqual([]);
    });

    it("does not follow a redirect to another host", async () => {
      const other = await another();
      const instead = (request: IncomingMessage, response: ServerResponse) => {
        if (!request.url?.endsWith("/objects/batch")) return false;
        response.writeHead(307, { location: `${other.url}${request.url}` }).end();
        return true;
      };
      const server = await another({ host: "127.0.0.1", instead });
      await failureOf(pulled(server, withLfs("")));
      expect(server.logins()).toContain(login);
      expect(other.logins()).toEqual([]);
    });

    it("does not go to another host that the server's answer names", async () => {
      settings('[lfs "transfer"]\n\tmaxretries = 1\n');
      const other = await another();
      const batch = (request: IncomingMessage, response: ServerResponse) => {
        if (!request.url?.endsWith("/objects/batch")) return false;
        const parts: Buffer[] = [];
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", () => {
          const { objects } = JSON.parse(Buffer.concat(parts).toString()) as {
            objects: { oid: string; size: number }[];
          };
          const given = objects.map((object) => ({
            ...object,
            actions: { download: { href: `${other.url}/objects/${object.oid}` } },
          }));
          response.writeHead(200, { "content-type": "application/vnd.git-lfs+json" });
          response.end(JSON.stringify({ transfer: "basic", objects: given }));
        });
        return true;
      };
      const server = await another({ host: "127.0.0.1", instead: batch });
      await failureOf(pulled(server, withLfs("")));
      expect(server.logins()).toContain(login);
      expect(other.asked()).not.toEqual([]);
      expect(other.logins()).toEqual([]);
    });

    it.each(["ssh://127.0.0.1:9/x", "file:///tmp/x"])(
      "and its files come by no other way than the repository's: %s",
      async (url) => {
        const failure = await failureOf(pulled(own, withLfs(`[lfs]\n\turl = ${url}\n`)));
        expect(failure.details.cause).toContain("uses a protocol other than the repository's");
      },
    );
  });
});
