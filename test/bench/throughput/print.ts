import Table from "cli-table3";
import type { HopCpu, ThroughputReport } from "./result.ts";

export function printReport({ rows, cpu, memory, blobMib }: ThroughputReport): void {
  print(
    [`blobs of ${blobMib} MiB`, "path", "clients", "MiB/s", "ratio to bare (median of rounds)", "goal"],
    rows.map(({ operation, path, clients, mibPerSec, ratioToBare, goal = "" }) => [
      ...[operation, path, clients, mibPerSec.toFixed(0), ratioToBare.toFixed(2), goal],
    ]),
  );
  const ways = [...new Set(cpu.map(wayOf))];
  const seconds = (way: string, hop?: string) =>
    cpu
      .filter((one) => wayOf(one) === way && (hop === undefined || one.hop === hop))
      .reduce((sum, { cpuSecPerGb }) => sum + cpuSecPerGb, 0)
      .toFixed(2);
  const hops = [...new Set(cpu.map(({ hop }) => hop))];
  print(
    ["CPU seconds per GB", ...ways],
    [...hops.map((hop) => [hop, ...ways.map((way) => seconds(way, hop))]), ["all", ...ways.map((way) => seconds(way))]],
  );
  print(
    ["most memory of", "node", "clients", "MiB"],
    memory.map(({ daemon, node, clients, rssMib }) => [daemon, node, clients, rssMib.toFixed(1)]),
  );
}

const wayOf = ({ operation, path }: HopCpu) => `${operation}\n${path}`;

function print(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => [...row]));
  console.log(table.toString());
}
