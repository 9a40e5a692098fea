import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { removedOnFailure } from "../../../cli/booting.ts";
import { labFolder, readState, removeState, writeState } from "../../../lab/state.ts";
import { labOfTest, useFakeDocker } from "../lab/support.ts";

const failure = new Error("the registry does not answer");
const fail = async () => {
  throw failure;
};

let said: MockInstance<typeof console.error>;
beforeEach(() => {
  said = vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

describe("booting a lab that fails", () => {
  it("leaves nothing when no lab was up before", async () => {
    const lab = labOfTest();
    const docker = useFakeDocker('[ "$1 $2" != "container ls" ] || echo half-made');
    const boot = removedOnFailure(lab.name, async () => {
      writeState(lab);
      await fail();
    });
    await expect(boot).rejects.toBe(failure);
    expect(docker.calls()).toContain("rm --force --volumes half-made");
    expect(existsSync(labFolder(lab.name))).toBe(false);
  });

  it("leaves a lab alone that was up before", async () => {
    const lab = labOfTest();
    writeState(lab);
    const docker = useFakeDocker("");
    await expect(removedOnFailure(lab.name, fail)).rejects.toBe(failure);
    expect(docker.calls()).toEqual([]);
    expect(readState(lab.name)).toEqual(lab);
  });

  it("leaves nothing when the lab that was up before had lost its machines", async () => {
    const lab = labOfTest();
    writeState(lab);
    const docker = useFakeDocker('[ "$1 $2" != "container ls" ] || echo half-made');
    const boot = removedOnFailure(lab.name, async () => {
      removeState(lab.name);
      await fail();
    });
    await expect(boot).rejects.toBe(failure);
    expect(docker.calls()).toContain("rm --force --volumes half-made");
  });

  it("says why it failed, also when the clean-up fails too", async () => {
    useFakeDocker('[ "$1" = version ] || { echo "the engine is gone" >&2; exit 1; }');
    await expect(removedOnFailure(labOfTest().name, fail)).rejects.toBe(failure);
    expect(said.mock.calls.join("\n")).toMatch(/some of it could not be removed:\n.*\n.*the engine is gone/);
  });
});
