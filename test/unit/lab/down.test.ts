import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { down } from "../../../lab/lab.ts";
import { labelOf } from "../../../lab/machines.ts";
import { labFolder, readState, writeState } from "../../../lab/state.ts";
import { labOfTest, useFakeDocker } from "./support.ts";

const noEngine = "exit 1";

describe("taking a lab down", () => {
  it("removes the machines with their volumes, then the networks, that carry the lab's label", async () => {
    const lab = labOfTest();
    const docker = useFakeDocker('case "$*" in "container ls"*) echo machine ;; "network ls"*) echo network ;; esac');
    await down(lab.name);
    const removals = docker.calls().filter((call) => / rm |^rm /.test(call));
    expect(removals).toEqual(["rm --force --volumes machine", "network rm network"]);
    const lists = docker.calls().filter((call) => call.includes(" ls "));
    for (const list of lists) expect(list).toContain(`--filter label=${labelOf(lab.name)}`);
  });

  it("leaves the running lab of another checkout alone", async () => {
    const docker = useFakeDocker('case "$*" in "ps "*) echo /elsewhere ;; *" ls "*) echo machine ;; esac');
    await down(labOfTest().name);
    expect(docker.calls().filter((call) => / rm |^rm /.test(call))).toEqual([]);
  });

  it("removes what the lab wrote", async () => {
    const lab = labOfTest();
    writeState(lab);
    useFakeDocker("");
    await down(lab.name);
    expect(existsSync(labFolder(lab.name))).toBe(false);
  });

  it("is harmless on a machine without Docker where no lab was up", async () => {
    useFakeDocker(noEngine);
    await down(labOfTest().name);
  });

  it("fails, and forgets nothing, when the engine that has the machines does not answer", async () => {
    const lab = labOfTest();
    writeState(lab);
    useFakeDocker(noEngine);
    await expect(down(lab.name)).rejects.toThrow("no Docker engine answers");
    expect(readState(lab.name)).toEqual(lab);
  });
});
