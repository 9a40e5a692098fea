import { probeIntervalMs, probeTimeoutMs } from "../outage/probing.ts";
import type { OutageReport } from "../outage/result.ts";
import { meaningOf } from "./fault-meanings.ts";
import { machineLine } from "./machine-line.ts";
import { code, figure, range, sec, table, verdict } from "./markdown.ts";
import { addressMoved, goalIsMet, type OutageSummary, outageSummaries } from "./outage-summary.ts";

/** How long a client gets no answer, by kind of fault. */
export function outageSection(report: OutageReport): string {
  const { settings } = report;
  const summaries = outageSummaries(report);
  return `${machineLine(report.machine)} Settings: an advert every ${settings.advertIntervalMs} ms, of
which ${settings.downAfterAdverts} may be missed; a health check every ${settings.checkIntervalMs / 1000} s, with a timeout of ${settings.checkTimeoutMs / 1000} s and ${settings.checkFall} failures in a row; reconciliation every ${settings.reconcileIntervalMs / 1000} s.

${figure(
  "outage.svg",
  "Outage of each run, by kind of fault",
  "VRRP limit: the latest time at which there is a new master. The rest is the API call and the new route. ✓ and ✗: whether the p95 meets its goal.",
)}

${outageTable(summaries)}

Percentiles use the nearest rank, so each is a real run. Failed requests: in the median run, and in the worst. While healing: requests
that failed in the worst run from the end of the fault until the cluster was healthy again. Slowest: the longest wait for a successful
response. Moves: how often the address moved until the cluster was healthy again.

${addressMoved(report) ? `${failoverFigure}\n\n` : ""}### The faults
Unless stated otherwise, the fault strikes the proxy that holds the address.

${table(
  { words: ["fault", "what happens"], numbers: [] },
  summaries.map(({ fault }) => [code(fault), meaningOf(fault)]),
)}

### How it was measured
- A separate process starts a request every ${probeIntervalMs} ms, whether or not earlier ones have been answered. So a service that hangs does
  not slow down the probe, and every wait is counted. Each request is a new connection to the Elastic IP, a TLS handshake, a login and a
  response from a registry.
- A request has failed if it is refused, cut off, answered with anything but 200, or not answered within ${probeTimeoutMs / 1000} s.
- The **outage** begins with the start of the first failed request. It ends when the first request that started after the last failed
  one is answered: a success between failures does not end it. It is 0 if no request failed.
- **Detection** is the time from the fault, measured inside the machine, until keepalived reports that it is master. **API call** is from
  there to the response to AssociateAddress, and **routing** from there to the client's first success. One clock measures all times.
- The faults alternate, so that a temporarily busy machine affects all of them equally. Each run begins when the cluster is
  healthy and no request fails. Then the fault is healed, and the cluster must become healthy again.

### What it does not show
- **AWS needs time to move an address.** Here packets take the new route at once. [NGINX's guide](https://docs.nginx.com/nginx/deployment-guides/amazon-web-services/high-availability-keepalived/)
  of 2017 reports five to six seconds for moving an Elastic IP with scripts. Expect some seconds on top of these numbers, as
  [below](#outage-with-awss-delays).
- **The API is local** and never throttles. On AWS, a call crosses a network and waits for other work.
- **One machine, one kernel, one clock.** All nodes and the probe share its cores, so a busy moment delays all of them. There are no
  zones between them, and no network latency.
- **No CPU credits.** A t3 instance without credits stalls in ways that this machine does not.`;
}

const failoverFigure = figure(
  "failover.svg",
  "Detection, API call and routing, by kind of fault",
  "Only runs in which the address moved. The phases start at the fault, the outage at the first failed request. If the old holder keeps serving meanwhile, there is no outage.",
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
