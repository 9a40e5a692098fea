import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { containerOf } from "./machines.ts";
import { labFiles } from "./state.ts";

const nodeLogs = "tail -n +1 /var/log/registry-cluster/*.log 2>/dev/null; journalctl --no-pager --boot --lines 500";

/** Saves the log of a machine before the machine is removed. @returns the file. */
export async function keepLogs(lab: string, machine: string): Promise<string> {
  const { logs } = labFiles(lab);
  mkdirSync(logs, { recursive: true });
  const file = join(logs, `${machine}.log`);
  const { all = "" } = await execa("docker", ["exec", containerOf(lab, machine), "sh", "-c", nodeLogs], {
    all: true,
    reject: false,
  });
  writeFileSync(file, all);
  return file;
}

/** What an operator does about a machine that failed, and its log, for an OperatorError. */
export async function seeLog(lab: string, machine: string): Promise<{ readonly fix: string; readonly log: string }> {
  return { fix: "see the log; npx registry-cluster lab down, then lab up again", log: await keepLogs(lab, machine) };
}
