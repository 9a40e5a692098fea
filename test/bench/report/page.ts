import { goalsOf, goalTable } from "./goals.ts";
import { outageSection } from "./outage-section.ts";
import type { Results } from "./results.ts";
import { throughputSection } from "./throughput-section.ts";
import { vrrpSection } from "./vrrp-section.ts";

/** The page of measurements, in Markdown. What was not measured is left out, and the page says so. */
export function page(results: Results): string {
  const { outage, vrrp, throughput } = results;
  return `<!-- Made by \`npm run bench -- report\` from docs/measurements/*.json: changes made here are overwritten. -->
# Measurements
For how long clients have no answer when something dies, what settings that matter cost and buy, and what the way through proxies
takes and gives: measured in [the lab](../lab/README.md), which boots the real nginx, keepalived, EIP keeper and registry. The method
is told with the numbers, and so is what they do not show.

\`\`\`sh
npm start
npm run measure                # measures everything again in the lab, for some hours, and makes this page
npm run bench -- report        # makes this page from what is saved
\`\`\`

## Goals
${goals(results)}

## Outage, as a client sees it
${outage ? outageSection(outage) : notYet("outage")}

## What settings of VRRP cost and buy
${vrrp ? vrrpSection(vrrp) : notYet("vrrp")}

## Throughput
${throughput ? throughputSection(throughput) : notYet("throughput")}
`;
}

function goals(results: Results): string {
  const all = goalsOf(results);
  if (all.length === 0) return "None has been measured yet.";
  const met = all.filter(({ isMet }) => isMet).length;
  return `Set before these measurements. ${met} of ${all.length} are met.\n\n${goalTable(all)}`;
}

const notYet = (bench: string): string => `Not measured yet: \`npm run bench -- ${bench} --save\`.`;
