import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CheckoutProps, checkOut, resolveSource, type WorkTree } from "../../../images/git/checkout.ts";
import { parseRepository } from "../../../images/git/repository.ts";
import { lastingFolder, temporaryFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { type GitHttpServer, startGitHttp, TestRepository } from "./git-server.ts";

const { title, skip } = suiteWith("a checkout", { git: "git" });
const mebibyte = 1024 ** 2;

async function checkedOut(url: string, ref: string, options: Partial<CheckoutProps> = {}): Promise<WorkTree> {
  const own = temporaryFolder();
  const source = await resolveSource(parseRepository(url), ref, join(own, "refs"));
  return checkOut({ source, folder: own, ...options });
}

describe.skipIf(skip)(title, () => {
  let git: GitHttpServer;
  let folder: string;

  beforeAll(async () => {
    folder = lastingFolder();
    git = await startGitHttp(folder);
  });
  afterAll(() => git?.stop());

  const url = (name: string) => `${git.url}/${name}.git`;

  describe("of a repository with a long history", () => {
    const commits: string[] = [];
    beforeAll(() => {
      const repository = new TestRepository(folder, "history");
      for (let version = 0; version < 20; version++) {
        const bytes = randomBytes(mebibyte).toString("base64url");
        commits.push(repository.commit({ "data.bin": bytes, version: `${version}` }));
      }
      repository.tag("v1");
    }, 60_000);

    it.each([
      ["by a tag", () => "v1"],
      ["by a commit of long ago", () => commits[3] as string],
      ["by the beginning of a hash", () => (commits[3] as string).slice(0, 9)],
    ])(
      "fetches the files of one commit only, %s",
      async (_how, ref) => {
        const before = git.sentBytes();
        const { folder: tree } = await checkedOut(url("history"), ref());
        expect(existsSync(join(tree, "data.bin"))).toBe(true);
        expect(git.sentBytes() - before).toBeLessThan(2 * mebibyte);
      },
      60_000,
    );
  });

  it("has the files of submodules if that is asked for", async () => {
    const library = new TestRepository(folder, "library");
    library.commit({ "library.txt": "from the library" });
    const repository = new TestRepository(folder, "with-submodule");
    repository.git("submodule", "--quiet", "add", library.bare, "library");
    repository.git("submodule", "--quiet", "set-url", "library", url("library"));
    repository.commit({ Dockerfile: "FROM scratch\n" });
    const { folder: bare } = await checkedOut(url("with-submodule"), "main");
    expect(readdirSync(join(bare, "library"))).toEqual([]);
    const { folder: full } = await checkedOut(url("with-submodule"), "main", { submodules: true });
    expect(readFileSync(join(full, "library", "library.txt"), "utf8")).toBe("from the library");
    expect(readdirSync(join(full, "library"))).toEqual(["library.txt"]);
  }, 60_000);

  it("of a commit with a file of more than 2 GiB is refused before that is fetched", async () => {
    const repository = new TestRepository(folder, "large");
    truncateSync(write(join(folder, "large", "disk.img"), ""), 2 * 1024 * mebibyte + 1);
    repository.commit({ Dockerfile: "FROM scratch\nCOPY . /\n" });
    const before = git.sentBytes();
    const failure = await failureOf(checkedOut(url("large"), "main"));
    expect(failure.message).toBe("the commit has files that are too large to build from");
    expect(failure.details.cause).toBe("over 2 GiB: disk.img");
    expect(git.sentBytes() - before).toBeLessThan(mebibyte);
  }, 300_000);
});

const lfs = suiteWith("a checkout of a repository with git LFS", { "git-lfs": "git-lfs" });

describe.skipIf(lfs.skip)(lfs.title, () => {
  it("has the files that LFS keeps if that is asked for, else what stands for them", async () => {
    const repository = new TestRepository(temporaryFolder(), "app");
    repository.git("lfs", "install", "--local");
    repository.git("lfs", "track", "*.bin");
    const url = `file://${repository.bare}`;
    repository.git("remote", "set-url", "origin", url);
    repository.commit({ "data.bin": "what is kept elsewhere" });
    const read = async (options: Partial<CheckoutProps>) =>
      readFileSync(join((await checkedOut(url, "main", options)).folder, "data.bin"), "utf8");
    expect(await read({})).toMatch(/^version https:\/\/git-lfs/);
    expect(await read({ lfs: true })).toBe("what is kept elsewhere");
  }, 60_000);
});
