import type { Result } from "./results.ts";

/** The results for people, in their order, each with how to mend it. */
export function formatResults(results: readonly Result[]): string {
  const lines = results.flatMap(({ name, outcome, says, fix }) => [
    `${outcome.padEnd(8)}${name}: ${says}`,
    ...(fix ? [`        ${outcome === "failed" ? "mend:" : "to check it:"} ${fix}`] : []),
  ]);
  return [...lines, "", summary(results)].join("\n");
}

function summary(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  return `${count("ok")} ok, ${count("failed")} failed, ${count("skipped")} skipped`;
}
