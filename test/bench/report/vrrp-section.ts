import type { VrrpReport } from "../outage/result.ts";
import { isDefault } from "./defaults.ts";
import { machineLine } from "./machine-line.ts";
import { figure, sec, table } from "./markdown.ts";
import { longestStallSurvivedSec } from "./stalls.ts";

/** What settings of VRRP cost and buy. */
export function vrrpSection(report: VrrpReport): string {
  return `${machineLine(report.machine)}

A backup that hears nothing cannot know whether the holder is dead, or only stands still for a moment, as small cloud machines do,
or is not heard. Waiting longer costs outage when the holder is dead, and buys that the others move nothing: a needless move breaks
every transfer that runs. The same wait in many short adverts buys more, for one that comes through is enough.

${figure(
  "vrrp.svg",
  "Outage of a killed host and stalls survived, for each setting of VRRP",
  "Killed host: the holder loses power, and clients wait. Stall: the holder is paused for so long, then goes on; the address should stay.",
)}

${vrrpTable(report)}

Killed host: the outage as above, with all else as it is by default. Moves by a stall of so many seconds, and by
${lossWords(report)}: how often the address moved, in how many runs. An outage longer than its
setting's limit is that of requests between proxies: HAProxy gives up a dead proxy within 3 s, for a stall is not to break transfers
there either, and then cuts off the few that it is just connecting to it. Why the default is what it is: [decision 13](decisions/0013-vrrp-many-short-adverts.md).`;
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

/** The same in all rows: one bench made them. */
function lossWords({ rows }: VrrpReport): string {
  const losses = new Set(rows.map(({ loss }) => `the loss of ${loss.percent} % of all adverts for ${loss.lossSec} s`));
  return [...losses].join(" or ");
}
