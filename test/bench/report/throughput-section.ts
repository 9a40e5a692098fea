import type { HopCpu, ThroughputReport } from "../throughput/result.ts";
import { hotPulls } from "./hot-pulls.ts";
import { machineLine } from "./machine-line.ts";
import { figure, table, verdict } from "./markdown.ts";
import { clientsText, inOrder, operationNames, pathNames, ratioIsMet } from "./throughput-names.ts";

/** What the proxies cost, and what their cache gains. */
export function throughputSection(report: ThroughputReport): string {
  return `${machineLine(report.machine)} Blobs of ${report.blobMib} MiB.

${figure(
  "throughput.svg",
  "Throughput as a multiple of a bare registry's, by operation, path and clients",
  "Bare registry: a registry that serves TLS itself, without proxies. Chain: the whole path through Elastic IP, HAProxy, nginx and registry.",
)}

${ratioTable(report)}

### CPU
${figure(
  "cpu.svg",
  "CPU seconds per GB for each hop, by operation and path",
  "All hops share the cores, so the sum limits the throughput above. Packets that the kernel forwards are charged to their sender.",
)}

${cpuTable(report)}

${hotPulls(report)}### Memory
The peak of all processes of a daemon together, with shared pages counted once. \`bare\` is the bare registry, \`aws\` the machine
that plays AWS. Registries collect garbage eagerly only near 60 % of the machine's memory, and this machine has more memory than a
node on AWS. For their memory there, see [decision 28](decisions/0028-memory-of-uploads.md).

${memoryTable(report)}

### How it was measured
- Clients are curl, in a separate container outside the VPC. One client fetches one blob after the other on one connection; several
  clients have a connection each. All use HTTP/1.1, and reach the bare registry through the same gateway as the Elastic IP.
- The bare registry is the same program that the registries run, with their configuration, users, certificate, bucket and S3 server.
- A ratio compares two consecutive runs of one round; the median of the rounds is shown. The order changes
  from round to round, and a first round that is not measured warms everything up.
- Cache cold: no proxy has seen the blob. Cache hot: every proxy has.
- A push is one PUT with the whole blob, as containerd does it; in chunks, a PATCH and an empty PUT, as Docker does it. Blobs are
  random, and new for every push.
- Status, size and redirects of every transfer are checked, and the digest of one pull in each run. Otherwise fast errors would look like
  high throughput.

### Redirect to S3
With \`storage.redirect\` the registries answer a pull with a signed URL of S3, and the bytes bypass the cluster.

- It saves the proxies' traffic and CPU, and removes the limit of the holder's network: only a small response for each blob remains.
- Clients must reach S3 by its own host name and trust its certificate. A firewall that lets them reach only the cluster, or an internal
  network without a route to S3, rules it out.
- Whoever has the signed URL can pull that blob without a password until the URL expires.
- Completed pulls are then in S3's logs only: the proxies and registries only see the request.
- The cache on the proxies is bypassed too: every pull is a read from S3, which AWS bills.

### What it does not show
- **One machine.** Clients, proxies, registries and S3 share its cores, so a ratio here is a ratio of CPU time. On AWS each hop has its own
  machine, and the network of the proxy that holds the address is the limit.
- **The network is memory.** No latency, no loss, no bandwidth limit of an instance type, no latency between zones.
- **S3 is local**: a server on the same cores. It uses CPU that AWS would not take from us, and answers faster than S3 does. A cache
  saves more when S3 is further away.
- **No CPU credits.** A t3 instance without credits can use only a share of its cores.`;
}

function ratioTable({ rows }: ThroughputReport): string {
  return table(
    { words: ["operation", "path"], numbers: ["clients", "MiB/s", "to bare", "goal", ""] },
    inOrder(rows).map(({ operation, path, clients, mibPerSec, ratioToBare, goal }) => [
      operationNames[operation],
      pathNames[path],
      clients,
      mibPerSec.toFixed(0),
      path === "bare" ? "" : ratioToBare.toFixed(2),
      goal?.toFixed(2) ?? "",
      goal === undefined ? "" : verdict(ratioIsMet({ ratioToBare, goal })),
    ]),
  );
}

function cpuTable({ cpu }: ThroughputReport): string {
  const hops = [...new Set(cpu.map(({ hop }) => hop))];
  const nameOf = ({ operation, path }: Pick<HopCpu, "operation" | "path">) =>
    `${operationNames[operation]}: ${pathNames[path]}`;
  const ways = inOrder(cpu).filter((way, index, all) => all.findIndex((one) => nameOf(one) === nameOf(way)) === index);
  return table(
    { words: ["CPU seconds per GB"], numbers: ways.map(nameOf) },
    hops.map((hop) => [
      hop,
      ...ways.map(
        (way) => cpu.find((one) => one.hop === hop && nameOf(one) === nameOf(way))?.cpuSecPerGb.toFixed(2) ?? "",
      ),
    ]),
  );
}

function memoryTable({ memory }: ThroughputReport): string {
  return table(
    { words: ["node", "daemon", "under"], numbers: ["MiB"] },
    memory.map(({ node, daemon, clients, rssMib }) => [node, daemon, clientsText(clients), rssMib.toFixed(0)]),
  );
}
