import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { stopOwnDockerEngine } from "../../../lab/engine.ts";
import { temporaryFolder, useFakeDocker } from "./support.ts";

const noEngine = "exit 1";

describe("ending the Docker engine that the lab started", () => {
  it("spares a stranger that got the engine's process id", async () => {
    useFakeDocker(noEngine);
    const stranger = spawn("sleep", ["60"]);
    onTestFinished(() => void stranger.kill());
    await once(stranger, "spawn");
    const folder = temporaryFolder();
    writeFileSync(join(folder, "dockerd.pid"), String(stranger.pid));
    await stopOwnDockerEngine(folder);
    expect(stranger.exitCode).toBeNull();
    expect(existsSync(join(folder, "dockerd.pid"))).toBe(false);
  });

  it("does nothing while other containers run on it", async () => {
    useFakeDocker('case "$*" in "ps "*) echo a-container ;; esac');
    const folder = temporaryFolder();
    writeFileSync(join(folder, "dockerd.pid"), "1");
    await stopOwnDockerEngine(folder);
    expect(existsSync(join(folder, "dockerd.pid"))).toBe(true);
  });
});
