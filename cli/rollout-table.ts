import Table from "cli-table3";
import type { Rollout } from "../operate/rollout/judgement.ts";

const shortHash = (sha256: string) => sha256.slice(0, 12);

const mends: Readonly<Record<Rollout["state"], string>> = {
  done: "",
  "under way": "",
  paused: "\n  to go on: npx registry-cluster rollout resume",
  stopped: "\n  mend: deploy a bundle that works, or try this one again: npx registry-cluster rollout retry",
};

/** A table of the nodes, then what the rollout waits for. */
export function formatRollout({ bundle, state, reason, nodes }: Rollout): string {
  const table = new Table({
    head: ["node", "bundle", "since", "result"],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, null, 70],
  });
  for (const { node, state, runs, since, detail } of nodes) {
    const result = detail ? `${state}: ${detail}` : state;
    table.push([node, runs ? shortHash(runs) : "", since ? `${since.toISOString().slice(0, 19)}Z` : "", result]);
  }
  return `${table}\nthe current bundle is ${shortHash(bundle)}; ${state}: ${reason}${mends[state]}`;
}
