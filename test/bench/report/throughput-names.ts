import type { Operation, Path, ThroughputRow } from "../throughput/result.ts";

/** Operations by their names for readers, in display order. */
export const operationNames: Readonly<Record<Operation, string>> = {
  pull: "pull",
  push: "push",
  "push-chunked": "push in chunks",
};

/** The same for each path. */
export const pathNames: Readonly<Record<Path, string>> = {
  bare: "bare registry",
  chain: "chain",
  "chain-cold": "chain, cache cold",
  "chain-hot": "chain, cache hot",
  "chain-redirect": "chain, redirect to S3",
};

/** Rows by operation, path and clients, in display order. */
export function inOrder<Row extends Pick<ThroughputRow, "operation" | "path"> & { readonly clients?: number }>(
  rows: readonly Row[],
): Row[] {
  const place = (names: object, name: string) => Object.keys(names).indexOf(name);
  return [...rows].sort(
    (a, b) =>
      place(operationNames, a.operation) - place(operationNames, b.operation) ||
      place(pathNames, a.path) - place(pathNames, b.path) ||
      (a.clients ?? 0) - (b.clients ?? 0),
  );
}

export const clientsText = (clients: number): string => (clients === 1 ? "1 client" : `${clients} clients`);

/** Whether the chain reaches its goal, as a share of the bare registry's throughput. */
export function ratioIsMet({ ratioToBare, goal }: { readonly ratioToBare: number; readonly goal: number }): boolean {
  return ratioToBare >= goal;
}
