/** How a node's last change went, as the node reports it. */
export interface Report {
  /** The bundle that it tried, by its hash. */
  readonly bundle: string;
  /** The bundle that it runs now. */
  readonly runs: string;
  readonly result: "applying" | "good" | "failed";
  readonly time: Date;
  /** While it applies the bundle: when systemd ends it at the latest. */
  readonly until?: Date;
  /** What is wrong, if it failed. */
  readonly detail?: string;
}

/** What the operator wants. */
export interface Control {
  readonly paused?: boolean;
  /** Failures from before no longer count. */
  readonly retriedAt?: Date;
}

/** What is known of a rollout. */
export interface RolloutFacts {
  /** Names of the cluster's nodes. */
  readonly nodes: readonly string[];
  /** Hash of the current bundle. */
  readonly bundle: string;
  /** Of any node, also of those that no longer exist. */
  readonly reports: ReadonlyMap<string, Report>;
  readonly control: Control;
}

/** What a node does with the current bundle. */
export interface NodeRollout {
  readonly node: string;
  readonly state: "runs it" | "applies it" | "failed" | "waits" | "silent";
  /** The bundle that it runs. @default - it has not reported yet */
  readonly runs?: string;
  /** Since when. */
  readonly since?: Date;
  readonly detail?: string;
}

export interface Rollout {
  readonly bundle: string;
  readonly state: "done" | "under way" | "paused" | "stopped";
  /** What it waits for, or why it has stopped, in one sentence. */
  readonly reason: string;
  readonly nodes: readonly NodeRollout[];
}

/** Judges a rollout by the same rules as the nodes themselves: salt/converge/files/registry_cluster_rollout.py. */
export function judgeRollout(facts: RolloutFacts, now: Date): Rollout {
  const nodes = facts.nodes.map((node) => judgeNode(node, facts, now));
  const named = (state: NodeRollout["state"]) =>
    nodes.flatMap((node) => (node.state === state ? [node.node] : [])).join(", ");
  const { bundle } = facts;
  const on = (state: Rollout["state"], reason: string): Rollout => ({ bundle, state, reason, nodes });
  if (named("failed")) return on("stopped", `it failed on ${named("failed")}, so the other nodes keep what they have`);
  if (nodes.every(({ state }) => state === "runs it")) return on("done", "every node runs it");
  if (facts.control.paused) return on("paused", "the operator has paused it");
  if (named("applies it")) return on("under way", `${named("applies it")} applies it`);
  return on("under way", `it waits for the turns of ${[named("waits"), named("silent")].filter(Boolean).join(", ")}`);
}

function judgeNode(node: string, { bundle, reports, control }: RolloutFacts, now: Date): NodeRollout {
  const report = reports.get(node);
  if (!report) return { node, state: "silent" };
  const { runs, time: since, detail } = report;
  if (report.bundle !== bundle) return { node, state: "waits", runs, since };
  if (report.result === "good") return { node, state: "runs it", runs, since };
  if (report.result === "applying" && report.until && now < report.until) {
    return { node, state: "applies it", runs, since };
  }
  if (control.retriedAt && since < control.retriedAt) return { node, state: "waits", runs, since, detail };
  return { node, state: "failed", runs, since, detail: detail ?? "it began and has not finished in time" };
}
