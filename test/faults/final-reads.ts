import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FinalRead, HistoryEvent } from "./history.ts";
import { operationsOf } from "./timeline.ts";

/** A manifest or a blob that a registry must have. */
export interface WantedRead {
  readonly repository: string;
  readonly digest: string;
  readonly path: string;
}

/** Manifests and blobs of all pushes that were acknowledged, each once. */
export function acknowledgedReads(history: readonly HistoryEvent[]): WantedRead[] {
  const pushes = operationsOf(history).filter(({ kind, end }) => kind === "push" && end?.result === "ok");
  const wanted = pushes.flatMap(({ repository, image }) => [
    { repository, digest: image!.manifest, path: `/v2/${repository}/manifests/${image!.manifest}` },
    ...image!.blobs.map((digest) => ({ repository, digest, path: `/v2/${repository}/blobs/${digest}` })),
  ]);
  return [...new Map(wanted.map((want) => [want.path, want])).values()];
}

/** The program that reads them, for `python3 -c`. */
export const readerScript = readFileSync(join(import.meta.dirname, "read_directly.py"), "utf8");

/** @param auth `user:password` */
export const readerInput = (wanted: readonly WantedRead[], auth: string): string =>
  [`Basic ${Buffer.from(auth).toString("base64")}`, ...wanted.map((want) => JSON.stringify(want)), ""].join("\n");

export const readsIn = (output: string, registry: string): FinalRead[] =>
  output
    .split("\n")
    .filter(Boolean)
    .map((line) => ({ type: "final", at: Date.now(), registry, ...JSON.parse(line) }));
