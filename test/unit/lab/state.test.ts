import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { forget, labFiles, labFolder, readState, removeState, writeState } from "../../../lab/state.ts";
import { labOfTest, temporaryFolder } from "./support.ts";

/** A lab that is up, with a log. */
function labWithLog(): string {
  const lab = labOfTest();
  writeState(lab);
  mkdirSync(labFiles(lab.name).logs);
  writeFileSync(join(labFiles(lab.name).logs, "proxy-1.log"), "it failed\n");
  return lab.name;
}

describe("the state of a lab", () => {
  it("is read as it was written", () => {
    const lab = labOfTest();
    writeState(lab);
    expect(readState(lab.name)).toEqual(lab);
  });

  it("is undefined of a lab that is not up", () => {
    expect(readState(labOfTest().name)).toBeUndefined();
  });

  it("is undefined once it is removed", () => {
    const lab = labOfTest();
    writeState(lab);
    removeState(lab.name);
    expect(readState(lab.name)).toBeUndefined();
  });

  it("is in the checkout, from whatever folder a command is run", () => {
    const before = process.cwd();
    process.chdir(temporaryFolder());
    try {
      expect(labFolder("demo")).toBe(join(import.meta.dirname, "..", "..", "..", ".lab", "demo"));
    } finally {
      process.chdir(before);
    }
  });
});

describe("forgetting a lab", () => {
  it("removes its folder", () => {
    const name = labWithLog();
    forget(name, { keepLogs: false });
    expect(existsSync(labFolder(name))).toBe(false);
  });

  it("keeps the logs when asked to, and nothing else", () => {
    const name = labWithLog();
    forget(name, { keepLogs: true });
    expect(readdirSync(labFolder(name), { recursive: true })).toEqual(["logs", join("logs", "proxy-1.log")]);
  });

  it("leaves no folder when there are no logs to keep", () => {
    const lab = labOfTest();
    writeState(lab);
    forget(lab.name, { keepLogs: true });
    expect(existsSync(labFolder(lab.name))).toBe(false);
  });

  it("is harmless when there is nothing to forget", () => {
    expect(() => forget(labOfTest().name, { keepLogs: true })).not.toThrow();
  });
});
