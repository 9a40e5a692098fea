import * as Plot from "@observablehq/plot";
import type { OutageReport } from "../../outage/result.ts";
import { goalIsMet, outageSummaries } from "../outage-summary.ts";
import { colours } from "./colours.ts";
import { svgOf } from "./picture.ts";

const rowHeight = 30;
const axisRoom = 46;
const marksOfTime = [0, 0.1, 0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60];

/** Each run as a dot, by kind of fault, with the VRRP limit and the goal. */
export function outagePlot(report: OutageReport): string {
  const summaries = outageSummaries(report);
  const runs = report.faults.flatMap(({ fault, runs }) =>
    runs.map(({ outageSec }, index) => ({ fault, outageSec, place: apart(index) })),
  );
  const longest = longestShown(summaries);
  const marks = marksOfTime.filter((mark) => mark <= longest);
  return svgOf({
    title: "How long clients got no response, by kind of fault",
    subtitle: "From the start of the first failed request to the first success. One dot is one injected fault.",
    description: summaries
      .map(({ fault, p95Sec, maxSec }) => `${fault}: p95 ${p95Sec.toFixed(2)} s, longest ${maxSec.toFixed(2)} s.`)
      .join(" "),
    keys: [
      { sign: "dot", colour: colours.blue, meaning: "one run" },
      { sign: "box", colour: colours.paleBlue, meaning: "median to p95" },
      { sign: "line", colour: colours.text, meaning: "limit of VRRP" },
      { sign: "dashes", colour: colours.green, meaning: "goal for the p95" },
    ],
    height: summaries.length * rowHeight + axisRoom,
    plot: {
      marginTop: 4,
      marginBottom: 42,
      marginLeft: 212,
      marginRight: 104,
      insetLeft: 4,
      fy: { domain: summaries.map(({ fault }) => fault), padding: 0 },
      // Within a row: the lower and the upper edge.
      y: { domain: [0, 1], axis: null },
      x: {
        type: "sqrt",
        domain: [0, longest],
        ticks: marks,
        tickFormat: String,
        label: "seconds, on a square-root scale: short outages have more room",
        labelAnchor: "center",
        labelArrow: "none",
      },
      marks: [
        Plot.gridX(marks, { stroke: colours.grid.light, strokeOpacity: 1 }),
        Plot.axisFy({ anchor: "left", label: null, dx: -8 }),
        Plot.rect(summaries, {
          fy: "fault",
          x1: "p50Sec",
          x2: "p95Sec",
          y1: 0.1,
          y2: 0.9,
          fill: colours.paleBlue.light,
          rx: 3,
          insetLeft: -2,
          insetRight: -2,
        }),
        Plot.dot(runs, { fy: "fault", x: "outageSec", y: "place", r: 2, fill: colours.blue.light, fillOpacity: 0.7 }),
        Plot.ruleX(summaries, { fy: "fault", x: "limitSec", y1: 0, y2: 1, stroke: colours.text.light, strokeWidth: 2 }),
        Plot.ruleX(summaries, {
          fy: "fault",
          x: "goalSec",
          y1: 0,
          y2: 1,
          stroke: colours.green.light,
          strokeWidth: 2,
          strokeDasharray: "3 2",
        }),
        Plot.text(summaries, {
          fy: "fault",
          frameAnchor: "right",
          textAnchor: "start",
          dx: 12,
          text: ({ p95Sec, goalSec }) => `p95 ${p95Sec.toFixed(2)} s${signOf(p95Sec, goalSec)}`,
        }),
      ],
    },
  });
}

/** Spreads the dots of a row between its edges, each far from the previous one, by steps of the golden ratio. */
function apart(index: number): number {
  return 0.2 + 0.6 * ((index * 0.618034) % 1);
}

function signOf(p95Sec: number, goalSec: number | undefined): string {
  if (goalSec === undefined) return "";
  return goalIsMet({ p95Sec, goalSec }) ? " ✓" : " ✗";
}

function longestShown(summaries: readonly { maxSec: number; limitSec?: number; goalSec?: number }[]): number {
  return Math.max(...summaries.flatMap(({ maxSec, limitSec = 0, goalSec = 0 }) => [maxSec, limitSec, goalSec])) * 1.02;
}
