import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { configText, quickCopyOfCheckout, remove, start } from "../unit/cli/support.ts";
import { type FakeDocker, temporaryFolder, writeFakeDocker } from "../unit/lab/support.ts";

let checkout: string;
let config: string;
beforeAll(async () => {
  checkout = await quickCopyOfCheckout();
  config = join(checkout, "interrupted.yml");
  writeFileSync(config, configText(checkout, [/^name: .*$/m, "name: interrupted"]));
});
afterAll(() => remove(checkout));

/** A docker that hangs at its first answer, like one that pulls a large image, and then finds what has been made so far. */
function hangingDocker(cleanUp: "quick" | "hanging"): { docker: FakeDocker; pidFile: string } {
  const pidFile = join(temporaryFolder(), "pid");
  const hang = `{ echo $$ > '${pidFile}.tmp'; mv '${pidFile}.tmp' '${pidFile}'; exec sleep 300; }`;
  const docker = writeFakeDocker(`case "$*" in
    version*) [ -e '${pidFile}' ] || ${hang} ;;
    "container ls"*) ${cleanUp === "hanging" ? "exec sleep 300" : "echo machine"} ;;
    "network ls"*) echo network ;;
  esac`);
  return { docker, pidFile };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(50);
}

/** Boots a lab until docker hangs. */
async function startUntilDockerHangs(cleanUp: "quick" | "hanging") {
  const { docker, pidFile } = hangingDocker(cleanUp);
  const process = start(checkout, ["--config", config, "lab", "up"], { docker });
  onTestFinished(() => void process.kill("SIGKILL"));
  await until(() => existsSync(pidFile));
  return { process, docker, hangingPid: Number(readFileSync(pidFile, "utf8")) };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("Ctrl-C while a lab boots", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends the running program, cleans up and ends with 130 (%s)",
    async (signal) => {
      const { process, docker, hangingPid } = await startUntilDockerHangs("quick");
      process.kill(signal);
      const { exitCode, stdout, stderr } = await process;

      expect(exitCode).toBe(130);
      expect(stderr).toMatch(/removing what this run has created\ninterrupted$/);
      expect(stdout + stderr).not.toContain("\u001b[");
      expect(isRunning(hangingPid)).toBe(false);
      expect(docker.calls()).toEqual(expect.arrayContaining(["rm --force --volumes machine", "network rm network"]));
      expect(existsSync(join(checkout, ".lab", "interrupted"))).toBe(false);
    },
  );

  it("ends the process at once when it is pressed again", async () => {
    const { process, docker } = await startUntilDockerHangs("hanging");
    process.kill("SIGINT");
    await until(() => docker.calls().some((call) => call.startsWith("container ls")));
    process.kill("SIGINT");
    const { signal, exitCode } = await process;
    expect({ signal, exitCode }).toEqual({ signal: "SIGINT", exitCode: undefined });
  });
});
