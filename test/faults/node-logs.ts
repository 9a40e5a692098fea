import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { containerOf } from "../../lab/machines.ts";
import type { LabState } from "../../lab/state.ts";

/** Saves the logs of all machines since the trial began, to find the cause of a failure. */
export async function keepNodeLogs(lab: LabState, folder: string, sinceMs: number): Promise<void> {
  const since = `@${Math.floor(sinceMs / 1_000)}`;
  const machines = [...lab.nodes, { name: "aws", container: containerOf(lab.name, "aws") }];
  for (const { name, container } of machines) {
    const journal = ["journalctl", "--no-pager", "--output", "short-iso-precise", "--since", since];
    const { stdout } = await execa("docker", ["exec", container, ...journal], { reject: false });
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "journal.log"), `${stdout}\n`);
    const files = name === "aws" ? "/var/log/lab/." : "/var/log/nginx/.";
    // Registries and the bastion have no such folder.
    await execa("docker", ["cp", `${container}:${files}`, join(folder, name)], { reject: false });
  }
}
