import type { VrrpReport } from "../outage/result.ts";
import { isDefault } from "./defaults.ts";
import { machineLine } from "./machine-line.ts";
import { figure, sec, table } from "./markdown.ts";
import { longestStallSurvivedSec } from "./stalls.ts";

/** The trade-offs of VRRP settings. */
export function vrrpSection(report: VrrpReport): string {
  return `${machineLine(report.machine)}

A backup that hears nothing cannot know whether the holder is dead, has stalled for a moment, as small cloud machines do,
or is not heard because packets were lost. Waiting longer prolongs the outage if the holder is dead, but avoids needless moves in the
other cases; a needless move cuts every transfer in progress. Many short adverts are better than a few long ones with the same total
wait, because one that gets through is enough.

${figure(
  "vrrp.svg",
  "Outage of a killed host and stalls survived, for each setting of VRRP",
  "Killed host: the holder loses power, and clients wait. Stall: the holder is paused for that long, then continues; the address should stay.",
)}

${vrrpTable(report)}

Killed host: the outage as above, with all other settings at their defaults. Moves by a stall of that many seconds, and by
${lossWords(report)}: how often the address moved, in how many runs. An outage can be longer than its
setting's limit because of requests between proxies: HAProxy waits up to 3 s before it gives up a dead proxy, so that a stall does not cut transfers
there either, and then cuts the few connections that it is just opening to it. The reason for the default: [decision 13](decisions/0013-vrrp-many-short-adverts.md).`;
}

function vrrpTable({ rows }: VrrpReport): string {
  const stalls = [...new Set(rows.flatMap((row) => row.stalls.map(({ stallSec }) => stallSec)))].sort((a, b) => a - b);
  return table(
    {
      words: ["adverts"],
      numbers: [
        ...["health checks", "killed host: p50 s", "p95 s", "max s", "runs", "stall survived, s"],
        ...stalls.map((stallSec) => `moves by ${stallSec} s`),
        "moves by loss",
      ],
    },
    rows.map((row) => [
      isDefault(row) ? `**${row.name}** (default)` : row.name,
      `${row.checkIntervalMs / 1000} s x ${row.checkFall}`,
      ...[row.killedHost.p50, row.killedHost.p95, row.killedHost.max].map(sec),
      row.killedHost.runs,
      longestStallSurvivedSec(row),
      ...stalls.map((wanted) => {
        const stall = row.stalls.find(({ stallSec }) => stallSec === wanted);
        return stall ? `${stall.moves} in ${stall.runs}` : "";
      }),
      `${row.loss.moves} in ${row.loss.runs}`,
    ]),
  );
}

/** The same in all rows, because one bench made them. */
function lossWords({ rows }: VrrpReport): string {
  const losses = new Set(rows.map(({ loss }) => `the loss of ${loss.percent} % of all adverts for ${loss.lossSec} s`));
  return [...losses].join(" or ");
}
