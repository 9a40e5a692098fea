import type { Path, ThroughputReport } from "../throughput/result.ts";

const clientHop = "client";
/** The hops that decide whether and from where a blob may be pulled. */
const wordHops = /^(registry|S3: .*)$/;

/** Explains the gain of a hot cache from the CPU time of each hop. @returns "" without data */
export function hotPulls({ cpu, rows, blobMib }: ThroughputReport): string {
  const secOf = (path: Path, isCounted: (hop: string) => boolean = () => true) =>
    cpu
      .filter((one) => one.operation === "pull" && one.path === path && isCounted(one.hop))
      .reduce((sum, { cpuSecPerGb }) => sum + cpuSecPerGb, 0);
  const [bare, hot] = [secOf("bare"), secOf("chain-hot")];
  if (bare === 0 || hot === 0) return "";

  const client = secOf("chain-hot", (hop) => hop === clientHop);
  const word = secOf("chain-hot", (hop) => wordHops.test(hop));
  const redirected = rows.filter(({ path }) => path === "chain-redirect").map(({ ratioToBare }) => ratioToBare);
  const gained =
    redirected.length === 0
      ? ""
      : ` With redirects to S3 no byte passes through the cluster, and the gain is still no larger: ${Math.min(...redirected).toFixed(2)} to ${Math.max(...redirected).toFixed(2)}.`;
  return `### What limits hot pulls
A GB costs ${bare.toFixed(2)} CPU s in all programs together from the bare registry, and ${hot.toFixed(2)} from a hot cache, so the same cores can deliver ${(bare / hot).toFixed(2)} times as much.
Of those ${hot.toFixed(2)}, the client itself takes ${client.toFixed(2)}, HAProxy and nginx ${(hot - client - word).toFixed(2)}, and asking the registry for each blob of ${blobMib} MiB ${word.toFixed(2)}: a password check and
small requests to S3.${gained} Serving the cache without asking would raise the factor to ${(bare / (hot - word)).toFixed(2)}, but whoever has lost
access to an image could still pull it. So we always ask: [decision 22](decisions/0022-blob-cache-on-the-proxies.md). For larger blobs, this cost is smaller.

`;
}
