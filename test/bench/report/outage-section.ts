import { probeIntervalMs, probeTimeoutMs } from "../outage/probing.ts";
import type { OutageReport } from "../outage/result.ts";
import { meaningOf } from "./fault-meanings.ts";
import { machineLine } from "./machine-line.ts";
import { code, figure, range, sec, table, verdict } from "./markdown.ts";
import { addressMoved, goalIsMet, type OutageSummary, outageSummaries } from "./outage-summary.ts";

/** For how long a client has no answer, by kind of fault. */
export function outageSection(report: OutageReport): string {
  const { settings } = report;
  const summaries = outageSummaries(report);
  return `${machineLine(report.machine)} Settings: adverts every ${settings.advertIntervalMs} ms, of
which ${settings.downAfterAdverts} may be missed; health checks every ${settings.checkIntervalMs / 1000} s, failed after ${settings.checkTimeoutMs / 1000} s, ${settings.checkFall} in a row; reconciled every ${settings.reconcileIntervalMs / 1000} s.

${figure(
  "outage.svg",
  "Outage of each run, by kind of fault",
  "Limit of VRRP: when there is a new master at the latest. What lies beyond it is the API call and the new route. ✓ and ✗: whether the p95 keeps its goal.",
)}

${outageTable(summaries)}

Percentiles are of the nearest rank: runs that happened. Failed requests: in the middle run, and in the worst. While healing:
those of the worst run that failed after that, until the cluster was whole again. Slowest: the longest wait for an answer that was good
in the end. Moves: how often the address changed proxies, until the cluster was whole again.

${addressMoved(report) ? `${failoverFigure}\n\n` : ""}### What was done
Unless it says otherwise, the fault strikes the proxy that holds the address.

${table(
  { words: ["fault", "what happens"], numbers: [] },
  summaries.map(({ fault }) => [code(fault), meaningOf(fault)]),
)}

### How it was measured
- A process of its own starts a request every ${probeIntervalMs} ms, whether or not earlier ones have been answered: a service that hangs cannot
  slow down who asks, so no wait goes uncounted. Each request is a new connection to the Elastic IP, a TLS handshake, a login and an
  answer from a registry.
- A request has failed when it is refused, cut off, answered with anything but 200, or not answered within ${probeTimeoutMs / 1000} s.
- The **outage** begins with the start of the first request that failed. It ends when the first request is answered that started
  after the last one that failed: a good answer between failures does not end it. It is 0 if none failed.
- **Detection** is from the fault, timed inside the machine, to keepalived's own word that it is master; **API call** from there to
  the answer to AssociateAddress; **routing** from there to the client's good answer. All times are of one clock.
- Faults take turns, so that a machine that is busy for a while disturbs all of them alike. Each run begins when the cluster is
  whole and no request fails; then the fault is healed, and the cluster must become whole again.

### What it does not show
- **AWS needs time to move an address.** Here packets take the new way at once. [NGINX's guide](https://docs.nginx.com/nginx/deployment-guides/amazon-web-services/high-availability-keepalived/)
  of 2017 reports five to six seconds for moving an Elastic IP with scripts. Expect seconds on top of these numbers.
- **The API is next door**, and never throttles. On AWS a call crosses a network, and waits for other work.
- **One machine, one kernel, one clock.** All nodes and the one who measures share its cores: a busy moment delays them together.
  Between them is no zone, and packets take no time.
- **No CPU credits.** A t3 instance without credits stalls in ways that this machine does not.`;
}

const failoverFigure = figure(
  "failover.svg",
  "Detection, API call and routing, by kind of fault",
  "Only runs in which the address moved. The parts count from the fault, the outage from the first request that failed; where the old holder serves on meanwhile, there is none.",
);

function outageTable(summaries: readonly OutageSummary[]): string {
  return table(
    {
      words: ["fault"],
      numbers: [
        "runs",
        "p50 s",
        "p95 s",
        "max s",
        "limit s",
        "goal s",
        "",
        "failed requests",
        "while healing",
        "slowest s",
        "moves",
      ],
    },
    summaries.map(
      ({ fault, runs, p50Sec, p95Sec, maxSec, limitSec, goalSec, failed, failedWhileHealing, slowestSec, moves }) => [
        code(fault),
        runs,
        ...[p50Sec, p95Sec, maxSec, limitSec, goalSec].map(sec),
        goalSec === undefined ? "" : verdict(goalIsMet({ p95Sec, goalSec })),
        `${failed.median}, ${failed.max}`,
        failedWhileHealing,
        sec(slowestSec),
        range(moves),
      ],
    ),
  );
}
