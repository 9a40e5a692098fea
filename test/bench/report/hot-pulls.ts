import type { Path, ThroughputReport } from "../throughput/result.ts";

const clientHop = "client";
/** Who is asked whether a blob may be pulled, and from where it comes. */
const wordHops = /^(registry|S3: .*)$/;

/** Why a hot cache brings no more than it does, from the CPU time of each hop. @returns "" where there is nothing to tell it from */
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
      : ` Clients who are sent to S3 take no byte through the cluster, and still gain no more: ${Math.min(...redirected).toFixed(2)} to ${Math.max(...redirected).toFixed(2)}.`;
  return `### What limits hot pulls
A GB costs ${bare.toFixed(2)} CPU s of all programs from the bare registry, and ${hot.toFixed(2)} from a hot cache: ${(bare / hot).toFixed(2)} times as much fits on the same cores.
Of those ${hot.toFixed(2)}, the client itself takes ${client.toFixed(2)}, HAProxy and nginx ${(hot - client - word).toFixed(2)}, and the registry's word for each blob of ${blobMib} MiB ${word.toFixed(2)}: a password to check, and
small requests to S3.${gained} To pull from the cache without asking would make it ${(bare / (hot - word)).toFixed(2)} times; whoever has lost the
right to an image could then pull it on. We do not: [decision 22](decisions/0022-blob-cache-on-the-proxies.md). Larger blobs ask less often.

`;
}
