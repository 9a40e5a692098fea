import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkout } from "../../../common/checkout.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder } from "../files.ts";
import { suiteWith } from "../program.ts";
import { startGitHttp, TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const { title, skip } = suiteWith("a template for CI", { git: "git", buildah: "buildah" });

const read = (forge: string) => parse(readFileSync(join(checkout, "images", "ci", `${forge}.yml`), "utf8"));
/** The last step on each forge: the earlier ones (packages, the builder, the registry's login) are done already. */
const scripts = {
  github: (): string => read("github").jobs.image.steps.at(-1).run,
  gitlab: (): string => {
    const { before_script, script } = read("gitlab").image;
    const isLogin = (line: string) => /^host=|\.netrc$/.test(line);
    return [...before_script.filter(isLogin), ...script].join("\n");
  },
};

describe.skipIf(skip)(title, () => {
  let registry: TestRegistry;
  let folder: string;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    registry = await startRegistry(folder);
  }, 60_000);
  afterAll(() => registry?.stop());

  it.each([
    ["github", "x-access-token"],
    ["gitlab", "gitlab-ci-token"],
  ] as const)(
    "of %s makes an image of the tag, with the job's own token",
    async (forge, user) => {
      const token = "the-token-of-the-job";
      const git = await startGitHttp(folder, { login: `${user}:${token}` });
      const repository = new TestRepository(folder, forge);
      repository.commit({ Dockerfile: "FROM scratch\nCOPY . /\n" });
      repository.tag("v1");
      const home = join(folder, `home-of-${forge}`);
      mkdirSync(home);
      const env = {
        ...{ HOME: home, DOCKER_CONFIG: registry.logins, IMAGE: `${registry.host}/${forge}`, TOKEN: token },
        ...{ GITHUB_SERVER_URL: git.url, GITHUB_REPOSITORY: `${forge}.git`, GITHUB_REF: "refs/tags/v1" },
        ...{ CI_SERVER_URL: git.url, CI_PROJECT_PATH: `${forge}.git`, CI_COMMIT_TAG: "v1", CI_JOB_TOKEN: token },
      };
      const { all } = await execa("bash", ["-euc", scripts[forge]()], { cwd: checkout, env, all: true });
      expect((await registry.ask(`${forge}/manifests/v1`)).status).toBe(200);
      expect(all).not.toContain(token);
      await git.stop();
    },
    60_000,
  );
});
