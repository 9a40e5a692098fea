import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { silently } from "../../../common/step.ts";
import { type BuildImageProps, buildImage } from "../../../images/build-image.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { type GitServer, startGitDaemon, startGitHttp, TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const { title, skip } = suiteWith("an image from git", { git: "git", buildah: "buildah" });

const dockerfile = "FROM scratch\nARG GREETING=hello\nLABEL greeting=$GREETING\nCOPY . /\n";

describe.skipIf(skip)(title, () => {
  let git: GitServer;
  let http: GitServer;
  let registry: TestRegistry;
  let repository: TestRepository;
  let folder: string;
  let commit: string;
  const loginBefore = process.env.DOCKER_CONFIG;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    git = await startGitDaemon(folder);
    http = await startGitHttp(folder, { login: "reader:git-password" });
    registry = await startRegistry(folder);
    process.env.DOCKER_CONFIG = registry.logins;
    repository = new TestRepository(folder, "app");
    commit = repository.commit({ Dockerfile: dockerfile, "hello.txt": "one", "sub/Dockerfile": dockerfile });
    repository.tag("v1", { annotated: true });
    repository.tag("release/1.0");
  }, 60_000);
  afterAll(async () => {
    if (loginBefore === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = loginBefore;
    await Promise.all([git?.stop(), http?.stop(), registry?.stop()]);
  });

  const build = (props: Partial<BuildImageProps>) =>
    buildImage({ repository: `${git.url}/app.git`, ref: "v1", builder: "buildah", ...props }, silently);
  const place = (name: string) => `${registry.host}/${name}`;
  const digestOf = async (name: string, tag: string) =>
    (await registry.ask(`${name}/manifests/${tag}`)).headers.get("docker-content-digest");

  async function labelsOf(name: string, tag: string): Promise<Record<string, string>> {
    const manifest = (await (await registry.ask(`${name}/manifests/${tag}`)).json()) as { config: { digest: string } };
    const config = await (await registry.ask(`${name}/blobs/${manifest.config.digest}`)).json();
    return (config as { config: { Labels: Record<string, string> } }).config.Labels;
  }

  it("is pushed by its tag and by its commit, and tells where it comes from", async () => {
    const { published } = await build({ push: place("told") });
    const short = `git-${commit.slice(0, 12)}`;
    expect(published).toMatchObject({ name: place("told"), tags: ["v1", short], by: "built" });
    expect(await digestOf("told", "v1")).toBe(published?.digest);
    expect(await digestOf("told", short)).toBe(published?.digest);
    expect(await labelsOf("told", "v1")).toEqual({
      greeting: "hello",
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.source": `${git.url}/app.git`,
      "org.opencontainers.image.version": "v1",
      "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
      "org.opencontainers.image.ref.name": "v1",
    });
  });

  it("is the same one each time that the commit is built", async () => {
    const digests: (string | undefined)[] = [];
    for (const name of ["twice/one", "twice/two"]) {
      digests.push((await build({ push: place(name) })).published?.digest);
      await execa("buildah", ["prune", "--all", "--force"], { reject: false });
    }
    expect(digests[0]).toMatch(/^sha256:/);
    expect(digests[1]).toBe(digests[0]);
  });

  it("is not built again when it is there", async () => {
    await build({ push: place("once") });
    const { published, builder } = await build({ push: place("once") });
    expect([published?.by, builder]).toEqual(["existing", undefined]);
  });

  it("may be of a tag with slashes, a branch, or a short hash", async () => {
    const tagged = await build({ ref: "release/1.0", push: place("refs") });
    expect(tagged.published?.tags[0]).toBe("release-1.0");
    const byBranch = await build({ ref: "main", push: place("refs-branch") });
    expect(byBranch).toMatchObject({ commit, published: { tags: [`git-${commit.slice(0, 12)}`] } });
    const byHash = await build({ ref: commit.slice(0, 7), push: place("refs-branch") });
    expect(byHash).toMatchObject({ commit, published: { by: "existing" } });
  });

  it("may be of a commit that no branch or tag names any more, as long as one leads there", async () => {
    const other = new TestRepository(folder, "history");
    const first = other.commit({ Dockerfile: dockerfile, "hello.txt": "first" });
    other.commit({ "hello.txt": "second" });
    const built = await build({ repository: `${git.url}/history.git`, ref: first, push: place("history") });
    expect(built).toMatchObject({ commit: first, published: { by: "built" } });
  });

  it("may be of a part of the repository, with arguments", async () => {
    await build({ context: "sub", push: place("part"), buildArgs: { GREETING: "servus" } });
    expect((await labelsOf("part", "v1")).greeting).toBe("servus");
  });

  it("may be one for several platforms by the same tag", async () => {
    const several = { push: place("several"), platforms: ["linux/amd64", "linux/arm64"] };
    await build(several);
    const index = (await (await registry.ask("several/manifests/v1")).json()) as {
      manifests: { platform: { architecture: string } }[];
    };
    expect(index.manifests.map(({ platform }) => platform.architecture).sort()).toEqual(["amd64", "arm64"]);
    expect(await digestOf("several", `git-${commit.slice(0, 12)}`)).toBe(await digestOf("several", "v1"));
    expect((await build(several)).published?.by).toBe("existing");
  }, 60_000);

  it("may know which commit it is of, although there is no .git in the build", async () => {
    const knowing = new TestRepository(folder, "knowing");
    const label = "LABEL built=$SOURCE_COMMIT,$SOURCE_REF,$SOURCE_DATE";
    const args = "ARG SOURCE_COMMIT\nARG SOURCE_REF\nARG SOURCE_DATE\n";
    const known = knowing.commit({ Dockerfile: `FROM scratch\n${args}${label}\nCOPY . /\n` });
    knowing.tag("v2");
    await build({ repository: `${git.url}/knowing.git`, ref: "v2", push: place("knowing") });
    expect((await labelsOf("knowing", "v2")).built).toBe(`${known},v2,2023-11-14T22:13:20Z`);
  });

  it("keeps the health check and the shell of its Dockerfile", async () => {
    const checked = new TestRepository(folder, "checked");
    checked.commit({ Dockerfile: 'FROM scratch\nSHELL ["/sh", "-e"]\nCOPY . /\nHEALTHCHECK CMD ["/ok"]\n' });
    await build({ repository: `${git.url}/checked.git`, ref: "main", push: place("checked") });
    const { tags } = (await (await registry.ask("checked/tags/list")).json()) as { tags: string[] };
    const docker = "application/vnd.docker.distribution.manifest.v2+json";
    const manifest = (await (await registry.ask(`checked/manifests/${tags[0]}`, docker)).json()) as {
      config: { digest: string };
    };
    const image = await (await registry.ask(`checked/blobs/${manifest.config.digest}`)).json();
    expect(image).toMatchObject({ config: { Healthcheck: { Test: ["CMD", "/ok"] }, Shell: ["/sh", "-e"] } });
  });

  it("comes over http too, with a login that is shown nowhere", async () => {
    const withLogin = `${http.url.replace("//", "//reader:git-password@")}/app.git`;
    await build({ repository: withLogin, push: place("login") });
    expect(JSON.stringify(await labelsOf("login", "v1"))).not.toContain("git-password");
    const failure = await failureOf(build({ repository: `${http.url}/app.git` }));
    expect(failure.details.fix).toContain("log in");
  });

  it("leaves no work tree behind, whether it was built or not", async () => {
    // Other tests build at the same time.
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await build({ push: place("left") });
    await failureOf(build({ file: "Nofile" }));
    expect(readdirSync(temporary).filter((name) => name.startsWith("registry-cluster-build-"))).toEqual([]);
  });

  describe("whose tag has moved to another commit", () => {
    let moving: TestRepository;
    const moved = (props: Partial<BuildImageProps> = {}) =>
      build({ repository: `${git.url}/moving.git`, push: place("moving"), ...props });
    beforeAll(async () => {
      moving = new TestRepository(folder, "moving");
      moving.commit({ Dockerfile: dockerfile });
      moving.tag("v1");
      await moved();
      moving.commit({ "hello.txt": "another" });
      moving.tag("v1", { force: true });
    });

    it("is refused, and the tag stays", async () => {
      const before = await digestOf("moving", "v1");
      const failure = await failureOf(moved());
      expect(failure.message).toBe(`${place("moving")}:v1 is the image of another commit`);
      expect(failure.details.fix).toContain("--move-tag");
      expect(await digestOf("moving", "v1")).toBe(before);
    });

    it("is built when that is asked for by name", async () => {
      const before = await digestOf("moving", "v1");
      expect((await moved({ moveTag: true })).published?.by).toBe("built");
      expect(await digestOf("moving", "v1")).not.toBe(before);
    });
  });

  it("is one image when two build it at once", async () => {
    const random = "FROM scratch\nARG NOISE\nLABEL noise=$NOISE\nCOPY . /\n";
    const other = new TestRepository(folder, "race");
    other.commit({ Dockerfile: random });
    other.tag("v1");
    const builds = ["a", "b", "c"].map((NOISE) =>
      build({ repository: `${git.url}/race.git`, push: place("race"), buildArgs: { NOISE } }),
    );
    const published = (await Promise.all(builds)).map((built) => built.published);
    const digest = await digestOf("race", "v1");
    expect(published.map((each) => each?.digest)).toContain(digest);
    expect(await digestOf("race", published[0]?.tags[1] as string)).toBe(digest);
  });

  describe("is refused", () => {
    it.each<[string, Partial<BuildImageProps>, RegExp]>([
      ["without a repository", { repository: "git://127.0.0.1:1/app.git" }, /cannot read the refs of git:\/\/127/],
      ["without a ref", { ref: "v9" }, /no tag, branch or commit 'v9'/],
      ["without a Dockerfile", { file: "Nofile" }, /cannot build from --file Nofile/],
      ["from a Dockerfile outside", { file: "../../../../etc/passwd" }, /cannot build from --file/],
      ["from a context outside", { context: ".." }, /cannot build from --context/],
      ["without a registry", { push: "127.0.0.1:1/app" }, /cannot reach the registry 127.0.0.1:1/],
      ["with a builder that nobody knows", { builder: "kaniko" }, /there is no builder 'kaniko'/],
    ])("%s", async (_why, props, message) => {
      expect((await failureOf(build(props))).message).toMatch(message);
    });

    it("without a login at the registry", async () => {
      process.env.DOCKER_CONFIG = folder;
      try {
        const failure = await failureOf(build({ push: place("private") }));
        expect(failure.details).toMatchObject({ cause: expect.stringContaining("401") });
        expect(failure.details.fix).toContain(`docker login ${registry.host}`);
      } finally {
        process.env.DOCKER_CONFIG = registry.logins;
      }
    });

    it("when its build fails, with the last lines of what the build said; no tag is made", async () => {
      const other = new TestRepository(folder, "broken");
      other.commit({ Dockerfile: "FROM scratch\nCOPY nothing /\n" });
      other.tag("v1");
      const failure = await failureOf(build({ repository: `${git.url}/broken.git`, push: place("broken") }));
      expect(failure.message).toBe("the build failed");
      expect(failure.details.cause).toContain("nothing");
      expect((await registry.ask("broken/manifests/v1")).status).toBe(404);
    });

    it("when links lead out of the repository", async () => {
      const other = new TestRepository(folder, "links");
      other.link("Dockerfile", "/etc/passwd");
      other.commit({ "hello.txt": "" });
      const failure = await failureOf(build({ repository: `${git.url}/links.git`, ref: "main" }));
      expect(failure.details.cause).toBe("Dockerfile -> /etc/passwd");
    });

    it("when a submodule's URL runs a program, or leads elsewhere", async () => {
      const mark = `${folder}/mark`;
      for (const [number, url] of [`ext::touch ${mark}`, `--upload-pack=touch ${mark}`, "/etc"].entries()) {
        const name = `submodule-${number}`;
        const other = new TestRepository(folder, name);
        other.commit({ Dockerfile: dockerfile, ".gitmodules": `[submodule "x"]\n\tpath = x\n\turl = ${url}\n` });
        other.git("update-index", "--add", "--cacheinfo", `160000,${commit},x`);
        other.git("commit", "--quiet", "--message=submodule");
        other.git("push", "--quiet", "origin", "HEAD:main");
        const props = { repository: `${git.url}/${name}.git`, ref: "main", submodules: true };
        expect((await failureOf(build(props))).message).toMatch(/cannot (fetch the submodules|fetch branch|check out)/);
      }
      expect(existsSync(mark)).toBe(false);
    });
  });

  it("is built by the command line too, which tells its digest and leaves nothing with the builder", async () => {
    const images = async () => (await execa("buildah", ["images", "--quiet", "--all"])).stdout;
    const before = await images();
    const args = [
      "cli/bin.js",
      "image",
      "build",
      `${git.url}/app.git`,
      "--ref",
      "v1",
      "--push",
      place("cli"),
      "--json",
    ];
    const { stdout } = await execa("node", args, { cwd: checkout });
    expect(JSON.parse(stdout)).toMatchObject({ commit, published: { digest: await digestOf("cli", "v1") } });
    expect((await images()).split("\n").length).toBeLessThanOrEqual(before.split("\n").length + 1);
  }, 60_000);
});
