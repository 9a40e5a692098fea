import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OperatorError } from "../../../common/errors.ts";
import { keepLogs } from "../../../lab/logs.ts";
import { docker, dockerExec, dockerSucceeds } from "../../../machines/docker/docker.ts";
import { labOfTest, useFakeDocker } from "../lab/support.ts";

describe("the docker client", () => {
  it("gives back what it printed", async () => {
    useFakeDocker("echo 20.10");
    expect(await docker(["version"])).toBe("20.10");
  });

  it("fails with its own last words", async () => {
    useFakeDocker("echo 'no such image' >&2; exit 1");
    const error = (await docker(["run", "demo"]).catch((error) => error)) as OperatorError;
    expect(error.describe()).toBe(
      "docker run failed\n  why:  no such image\n  mend: correct what docker reports, and try again",
    );
  });

  it("passes a command its input", async () => {
    const fake = useFakeDocker("cat");
    expect(await dockerExec("box", ["cat"], { input: "secret" })).toBe("secret");
    expect(fake.calls()).toEqual(["exec -i box cat"]);
  });

  it("says no when it ends with an error", async () => {
    useFakeDocker("exit 1");
    expect(await dockerSucceeds(["version"])).toBe(false);
  });
});

describe("keeping logs", () => {
  it("writes all that a machine says into a file", async () => {
    useFakeDocker("echo one; echo two >&2");
    const log = readFileSync(await keepLogs(labOfTest().name, "proxy-1"), "utf8");
    expect(log.split("\n").filter(Boolean).sort()).toEqual(["one", "two"]);
  });
});
