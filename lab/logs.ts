import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type LabNode, labFiles } from "./state.ts";

const nodeLogs = "tail -n +1 /var/log/registry-cluster/*.log 2>/dev/null; journalctl --no-pager --boot --lines 500";

/** Keeps what a node has logged, before the node is gone. @returns the file. */
export async function keepLogs(lab: string, node: LabNode): Promise<string> {
  const { logs } = labFiles(lab);
  mkdirSync(logs, { recursive: true });
  const file = join(logs, `${node.name}.log`);
  const output = createWriteStream(file);
  await execa("docker", ["exec", node.container, "sh", "-c", nodeLogs], { stdout: output, stderr: output, reject: false });
  return file;
}
