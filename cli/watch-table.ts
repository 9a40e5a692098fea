import Table from "cli-table3";
import type { RepositoryStatus } from "../images/watch/repository-watch.ts";

/** The state of a watch's repositories. */
export function formatWatchStatus(statuses: readonly RepositoryStatus[], now: Date): string {
  const head = ["repository", "asked", "again in", "done", "building", "failed", "skipped", "problem"];
  const table = new Table({
    head,
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [...Array(7).fill(null), 60],
  });
  for (const { repository, polledAt, nextPollAt, done, building, failed, skipped, problem } of statuses) {
    const asked = polledAt ? `${secondsBetween(polledAt, now)} s ago` : "never";
    const again = nextPollAt ? `${-secondsBetween(nextPollAt, now)} s` : "now";
    table.push([repository, asked, again, done, building, failed, skipped ?? 0, problem ?? ""]);
  }
  return table.toString();
}

const secondsBetween = (from: string, to: Date) => Math.round((to.getTime() - Date.parse(from)) / 1000);
