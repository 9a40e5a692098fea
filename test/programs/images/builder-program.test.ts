import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builderProgram } from "../../../bundle/builder-program.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const { title, skip } = suiteWith("the builder's program", { git: "git", buildah: "buildah" });

describe.skipIf(skip)(title, () => {
  let registry: TestRegistry;
  let folder: string;
  let program: string;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    registry = await startRegistry(folder);
    program = write(join(folder, "alone", "registry-cluster.mjs"), await builderProgram());
  }, 60_000);
  afterAll(() => registry?.stop());

  const run = (...args: string[]) =>
    execa("node", [program, ...args], {
      cwd: join(folder, "alone"),
      env: { DOCKER_CONFIG: registry.logins },
      reject: false,
    });

  it("is the same text each time", async () => {
    expect(await builderProgram()).toBe(await builderProgram());
  });

  it("makes images with nothing else beside it", async () => {
    const repository = new TestRepository(folder, "app");
    repository.commit({ Dockerfile: "FROM scratch\nCOPY . /\n" });
    repository.tag("v1");
    const { stderr, exitCode } = await run(
      "image",
      "build",
      repository.bare,
      "--ref",
      "v1",
      "--push",
      `${registry.host}/app`,
    );
    expect([exitCode, stderr]).toEqual([0, expect.anything()]);
    expect((await registry.ask("app/manifests/v1")).status).toBe(200);
  }, 60_000);

  it("says what is wrong with a file of builds", async () => {
    const file = write(join(folder, "alone", "builds.yml"), "repositories: {}\nimage: nowhere\ninterval: 5s\n");
    const { stderr, exitCode } = await run("image", "watch", "--config", file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${file}:3: interval`);
  }, 30_000);
});
