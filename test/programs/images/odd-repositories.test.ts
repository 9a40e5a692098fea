import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PermanentError } from "../../../common/errors.ts";
import { parseRepository } from "../../../config/git-repository.ts";
import { type CheckoutProps, checkOut, listRefs, resolveSource, type WorkTree } from "../../../images/git/checkout.ts";
import { lastingFolder, temporaryFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { TestRepository } from "./git-server.ts";

const { title, skip } = suiteWith("a repository as it is", { git: "git" });

describe.skipIf(skip)(title, () => {
  let folder: string;
  let home: string;
  const homeBefore = process.env.HOME;
  let count = 0;

  beforeAll(() => {
    folder = lastingFolder();
  });
  beforeEach(() => {
    home = temporaryFolder();
    process.env.HOME = home;
  });
  afterEach(() => {
    process.env.HOME = homeBefore;
  });

  const repository = () => new TestRepository(folder, `odd-${++count}`);

  async function checkedOut(url: string, ref: string, options: Partial<CheckoutProps> = {}): Promise<WorkTree> {
    const own = temporaryFolder();
    const source = await resolveSource(parseRepository(url), ref, join(own, "refs"));
    return checkOut({ source, folder: own, ...options });
  }

  it.each(["sha1", "sha256"])(
    "may have hashes of the other kind: %s",
    async (format) => {
      write(join(home, ".gitconfig"), `[init]\n\tdefaultObjectFormat = ${format === "sha1" ? "sha256" : "sha1"}\n`);
      const place = join(folder, format);
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", place, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
          encoding: "utf8",
        });
      execFileSync("git", ["init", "--quiet", "--initial-branch=main", `--object-format=${format}`, place]);
      write(join(place, "hello.txt"), "hello");
      git("add", "--all");
      git("commit", "--quiet", "--message=one");
      const first = git("rev-parse", "HEAD").trim();
      git("commit", "--quiet", "--allow-empty", "--message=two");
      git("tag", "v1");
      const { source, folder: tree } = await checkedOut(`file://${place}`, "v1");
      expect(source.commit).toHaveLength(format === "sha1" ? 40 : 64);
      expect(readFileSync(join(tree, "hello.txt"), "utf8")).toBe("hello");
      for (const hash of [source.commit, first, first.slice(0, 9)]) {
        expect((await checkedOut(`file://${place}`, hash)).source.kind).toBe("commit");
      }
    },
    60_000,
  );

  /** Adds an entry whose name is these bytes. */
  function addEntry(made: TestRepository, mode: string, name: Buffer, content: string): void {
    const hash = made.hashOf(content);
    const line = Buffer.concat([Buffer.from(`${mode} ${hash}\t`), name, Buffer.from("\0")]);
    execFileSync("git", ["update-index", "-z", "--index-info"], { cwd: made.bare.replace(/\.git$/, ""), input: line });
  }

  it("may have names that are no text", async () => {
    const made = repository();
    made.commit({ Dockerfile: "FROM scratch\n" });
    addEntry(made, "100644", Buffer.from([0x63, 0xe9, 0x2f, 0xff]), "latin");
    made.git("commit", "--quiet", "--message=names");
    made.git("push", "--quiet", "origin", "HEAD:main");
    const { folder: tree } = await checkedOut(made.bare, "main");
    const [name] = readdirSync(tree, { encoding: "buffer" }).filter((each) => each[0] === 0x63);
    expect(name).toEqual(Buffer.from([0x63, 0xe9]));
  });

  it("may not lead out of itself by a name that is no text", async () => {
    const made = repository();
    made.commit({ Dockerfile: "FROM scratch\n" });
    addEntry(made, "120000", Buffer.from([0x63, 0xe9, 0x2f, 0xff]), "/etc/passwd");
    made.git("commit", "--quiet", "--message=link");
    made.git("push", "--quiet", "origin", "HEAD:main");
    const failure = await failureOf(checkedOut(made.bare, "main"));
    expect(failure.details.cause).toBe("c\\xe9/\\xff -> /etc/passwd");
  });

  it.each([
    ["tree", "HEAD^{tree}"],
    ["blob", "HEAD:Dockerfile"],
  ])(
    "may have a tag of a %s, which is refused for good in one sentence",
    async (type, object) => {
      const made = repository();
      made.commit({ Dockerfile: "FROM scratch\n" });
      for (const [name, options] of [
        ["light", []],
        ["annotated", ["--annotate", "--message=x"]],
      ] as const) {
        made.git("tag", ...options, name, object);
        made.git("push", "--quiet", "origin", `refs/tags/${name}`);
        const failure = await failureOf(checkedOut(made.bare, name));
        expect(failure).toBeInstanceOf(PermanentError);
        expect(failure.message).toBe(`the tag ${name} points to a ${type}, not to a commit`);
      }
    },
    60_000,
  );

  it("may have old commits that git would not make today, anywhere in its history", async () => {
    const made = repository();
    made.commit({ Dockerfile: "FROM scratch\n" });
    const tree = made.git("rev-parse", "HEAD^{tree}");
    const faults = [
      "a<t@example.com> 1 +0000",
      "a t@example.com> 1 +0000",
      "a <t@example.com> 01 +0000",
      "a <t@example.com> 1 +51800",
    ];
    let parent = "";
    for (const who of faults) {
      const raw = `tree ${tree}\n${parent && `parent ${parent}\n`}author ${who}\ncommitter a <t@example.com> 1 +0000\n\nold\n`;
      parent = made.hashOf(raw, "commit");
    }
    made.git("push", "--quiet", "--force", "origin", `${parent}:refs/heads/main`);
    const first = made.git("rev-list", "--max-parents=0", parent);
    for (const ref of ["main", first, first.slice(0, 8)]) {
      expect(existsSync(join((await checkedOut(`file://${made.bare}`, ref)).folder, "Dockerfile"))).toBe(true);
    }
  }, 60_000);

  it("may have a tag that is called refs/tags/v1", async () => {
    const made = repository();
    const first = made.commit({ Dockerfile: "FROM scratch\n" });
    made.tag("v1");
    const second = made.commit({ Dockerfile: "FROM scratch\n# two\n" });
    made.git("update-ref", "refs/tags/refs/tags/v1", "HEAD");
    made.git("push", "--quiet", "origin", "refs/tags/refs/tags/v1");
    expect((await checkedOut(made.bare, "refs/tags/v1")).source.commit).toBe(first);
    expect((await checkedOut(made.bare, "refs/tags/refs/tags/v1")).source.commit).toBe(second);
  });

  it("is the same whatever the user's settings are", async () => {
    const made = repository();
    made.commit({ Dockerfile: "FROM scratch\n", "a.txt": "one\ntwo\n", "id.txt": "$Id$\n" });
    made.link("link", "a.txt");
    made.commit({});
    const settings = [
      "[core]\n\tsymlinks = false\n\tautocrlf = true\n\tattributesFile = ~/attributes\n\tsparseCheckout = true\n",
      '[filter "loud"]\n\tsmudge = tr a-z A-Z\n\trequired = true\n[init]\n\ttemplateDir = ~/template\n[fetch]\n\tprune = true\n',
    ];
    write(join(home, ".gitconfig"), settings.join(""));
    write(join(home, "attributes"), "*.txt filter=loud ident\n");
    write(join(home, ".config", "git", "attributes"), "*.txt filter=loud ident\n");
    write(join(home, "template", "info", "attributes"), "*.txt filter=loud ident\n");
    const { folder: tree } = await checkedOut(`file://${made.bare}`, "main");
    expect(readFileSync(join(tree, "a.txt"), "utf8")).toBe("one\ntwo\n");
    expect(readlinkSync(join(tree, "link"))).toBe("a.txt");
    expect(readFileSync(join(tree, "id.txt"), "utf8")).toBe("$Id$\n");
  });

  it("whose submodules and LFS files were not fetched says so", async () => {
    const library = repository();
    library.commit({ "library.txt": "x" });
    const made = repository();
    made.git("submodule", "--quiet", "add", library.bare, "library");
    made.commit({
      Dockerfile: "FROM scratch\n",
      "large.bin": `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`,
    });
    expect((await checkedOut(made.bare, "main")).warnings).toEqual([
      "submodules are left empty: library; --submodules, or `submodules: true`, fetches them",
      "Git LFS files are only pointers: large.bin; --lfs, or `lfs: true`, fetches them",
    ]);
  });

  describe("that is a page of the web", () => {
    let server: Server;
    let url: string;
    beforeAll(async () => {
      server = createServer((request, response) => {
        const page = "<!doctype html><title>Log in</title>";
        response.setHeader("content-type", "text/html");
        response.end(request.url?.startsWith("/lines") ? `${page}\n<p>please\n` : page);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server?.close());

    it.each(["/line/app.git", "/lines/app.git"])("is told to be none: %s", async (path) => {
      const failure = await failureOf(listRefs(parseRepository(`${url}${path}`), temporaryFolder()));
      expect(failure.details.fix).toContain("something other than git");
    });
  });
});
