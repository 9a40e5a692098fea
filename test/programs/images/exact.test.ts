import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silently } from "../../../common/step.ts";
import { type BuildImageProps, buildImage } from "../../../images/build-image.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder } from "../files.ts";
import { suiteWith } from "../program.ts";
import { type GitServer, startGitDaemon, TestRepository } from "./git-server.ts";
import { layersOf } from "./layers.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { startBuildkit, type TestBuildkit } from "./supply-programs.ts";

const programs = { git: "git", buildah: "buildah", docker: "docker.io", busybox: "busybox-static", runc: "runc" };
const { title, skip } = suiteWith("an image holds exactly its commit", programs);

/** Steps that read something that is not in their own text. */
const readsContext = `FROM scratch
COPY busybox /bin/busybox
RUN --mount=type=bind,target=/src ["/bin/busybox","cp","/src/f","/out"]
`;
const readsCache = `FROM scratch
COPY busybox /bin/busybox
RUN --mount=type=cache,id=shared,target=/cache ["/bin/busybox","sh","-c","/bin/busybox cat /cache/planted > /out; /bin/busybox cp /f /cache/planted; true"]
`;
const plantsCache = readsCache.replace("COPY busybox /bin/busybox\n", "COPY busybox /bin/busybox\nCOPY f /f\n");

describe.skipIf(skip)(title, () => {
  let git: GitServer;
  let registry: TestRegistry;
  let buildkit: TestBuildkit;
  let folder: string;
  const before = { ...process.env };

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    git = await startGitDaemon(folder);
    registry = await startRegistry(folder);
    buildkit = await startBuildkit(folder, registry.logins);
    Object.assign(process.env, buildkit.env);
  }, 900_000);
  afterAll(async () => {
    process.env = before;
    await Promise.all([git?.stop(), registry?.stop(), buildkit?.stop()]);
  });

  function repositoryOf(name: string, dockerfile: string, f: string): TestRepository {
    const repository = new TestRepository(folder, name);
    repository.addProgram("busybox", "/bin/busybox");
    repository.commit({ Dockerfile: dockerfile, f });
    return repository;
  }
  const build = (builder: string, name: string, props: Partial<BuildImageProps> = {}) =>
    buildImage({ repository: `${git.url}/${name}.git`, ref: "main", builder, ...props }, silently);
  const fileIn = async (name: string, tag: string, path: string) =>
    (await layersOf(registry, name, tag)).find((entry) => entry.path === path)?.text;

  describe.each(["buildah", "buildkit"])("with %s,", (builder) => {
    it("although a step reads more of the context than it says", async () => {
      const name = `context-${builder}`;
      const repository = repositoryOf(name, readsContext, "aaaa");
      await build(builder, name);
      const commit = repository.commit({ f: "bbbb" });
      await build(builder, name, { ref: commit });
      const { published } = await build(builder, name, { ref: commit, push: `${registry.host}/${name}` });
      expect(await fileIn(name, published?.tags[0] as string, "out")).toBe("bbbb");
    }, 120_000);

    it("and nothing that an earlier commit has left in a cache of RUN", async () => {
      const name = `cache-${builder}`;
      const repository = repositoryOf(name, plantsCache, "aaaa");
      await build(builder, name);
      const commit = repository.commit({ f: "bbbb" });
      const { published } = await build(builder, name, { ref: commit, push: `${registry.host}/${name}` });
      expect(await fileIn(name, published?.tags[0] as string, "out")).toBe("");
    }, 120_000);

    it("and nothing that another repository has left in a cache of RUN, nor its layers", async () => {
      const [hostile, victim] = [`hostile-${builder}`, `victim-${builder}`];
      repositoryOf(hostile, plantsCache, "planted");
      repositoryOf(victim, readsCache, "mine");
      await build(builder, hostile);
      await build(builder, hostile, { ref: "main" });
      const { published } = await build(builder, victim, { push: `${registry.host}/${victim}` });
      expect(await fileIn(victim, published?.tags[0] as string, "out")).toBe("");
    }, 120_000);

    it("with the modes that git knows, whatever the umask", async () => {
      const name = `umask-${builder}`;
      repositoryOf(name, "FROM scratch\nCOPY . /\n", "text");
      const digests: (string | undefined)[] = [];
      for (const umask of [0o077, 0o022]) {
        const old = process.umask(umask);
        try {
          const place = `${registry.host}/${name}-${umask}`;
          digests.push((await build(builder, name, { push: place })).published?.digest);
        } finally {
          process.umask(old);
        }
      }
      expect(digests[1]).toBe(digests[0]);
      const files = await layersOf(registry, `${name}-${0o077}`, (await tagsOf(`${name}-${0o077}`))[0] as string);
      expect((files.find(({ path }) => path === "f")?.mode ?? 0) & 0o777).toBe(0o644);
    }, 120_000);

    it("however many are built at once, of repositories with equal files too", async () => {
      const names = [`many-one-${builder}`, `many-two-${builder}`];
      for (const name of names) repositoryOf(name, readsContext, "equal");
      const builds = [...Array(8).keys()].map((i) =>
        build(builder, names[i % 2] as string, { push: `${registry.host}/${names[i % 2]}-${i}` }),
      );
      const digests = (await Promise.all(builds)).map(({ published }) => published?.digest);
      expect(new Set(digests.filter((_, i) => i % 2 === 0)).size).toBe(1);
      expect(new Set(digests.filter((_, i) => i % 2 === 1)).size).toBe(1);
    }, 240_000);
  });

  const tagsOf = async (name: string) =>
    ((await (await registry.ask(`${name}/tags/list`)).json()) as { tags: string[] }).tags;

  it("and leaves nothing with buildah's user but what stays on purpose", async () => {
    const images = async () => (await execa("buildah", ["images", "--json", "--all"])).stdout;
    repositoryOf("left", readsContext, "left");
    const imagesBefore = await images();
    await build("buildah", "left", { push: `${registry.host}/left` });
    expect(await images()).toBe(imagesBefore);
    const { image } = await build("buildah", "left");
    expect(await images()).toContain(image);
    await execa("buildah", ["rmi", image as string]);
  }, 120_000);
});
