import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RepositoryStatus, WatchEvent } from "./repository-watch.ts";

/** One line of a log: `event=built repository=app tag=v1`. Values with blanks are quoted. */
export function logLine(event: WatchEvent): string {
  const fields = Object.entries(factsOf(event)).map(
    ([name, value]) => `${name}=${/^[!#-<>-~]+$/.test(String(value)) ? value : JSON.stringify(String(value))}`,
  );
  return [`event=${event.type}`, ...fields].join(" ");
}

function factsOf(event: WatchEvent): Record<string, unknown> {
  if (event.type !== "built") return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "type"));
  const { repository, tag, image, ms } = event;
  const { commit, published } = image;
  return {
    repository,
    tag,
    commit,
    image: published?.name,
    digest: published?.digest,
    by: published?.by,
    seconds: Math.round(ms / 100) / 10,
  };
}

/** Metrics for Prometheus. */
export class WatchMetrics {
  readonly registry = new Registry();
  private readonly polls = this.counter("polls_total", "Polls of a repository for its tags.", ["result"]);
  private readonly builds = this.counter("builds_total", "Tags that were handled.", ["result"]);
  private readonly seconds = new Histogram({
    name: "image_watch_build_seconds",
    help: "Time from seeing a new tag to publishing its image.",
    labelNames: ["repository"],
    buckets: [1, 3, 10, 30, 60, 180, 600, 1800],
    registers: [this.registry],
  });
  private readonly tags = new Gauge({
    name: "image_watch_tags",
    help: "Matching tags, by state.",
    labelNames: ["repository", "state"],
    registers: [this.registry],
  });

  count(event: WatchEvent): void {
    const { repository } = event;
    if (event.type === "polled") this.polls.inc({ repository, result: "ok" });
    if (event.type === "poll-failed") this.polls.inc({ repository, result: "failed" });
    if (event.type === "skipped") this.builds.inc({ repository, result: "skipped" });
    if (event.type === "build-failed") this.builds.inc({ repository, result: "failed" });
    if (event.type === "built") {
      const by = event.image.published?.by ?? "built";
      this.builds.inc({ repository, result: by });
      if (by === "built") this.seconds.observe({ repository }, event.ms / 1000);
    }
  }

  async text(all: readonly RepositoryStatus[]): Promise<string> {
    for (const status of all) {
      for (const state of ["done", "building", "failed", "skipped"] as const) {
        this.tags.set({ repository: status.repository, state }, status[state]);
      }
    }
    return this.registry.metrics();
  }

  private counter(name: string, help: string, labels: readonly string[]): Counter {
    return new Counter({
      name: `image_watch_${name}`,
      help,
      labelNames: ["repository", ...labels],
      registers: [this.registry],
    });
  }
}
