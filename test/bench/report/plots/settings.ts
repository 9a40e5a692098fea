import * as Plot from "@observablehq/plot";
import type { VrrpReport } from "../../outage/result.ts";
import { isDefault } from "../defaults.ts";
import { longestStallSurvivedSec } from "../stalls.ts";
import { colours } from "./colours.ts";
import { svgOf } from "./picture.ts";

const rowHeight = 44;
const axisRoom = 46;
/** Vertical positions within a row: the outage above, the stalls below it. */
const outageLane = 0.7;
const stallLane = 0.3;

/** For each VRRP setting: the outage of a dead holder, and below it which stalls of a living one move the address. */
export function settingsPlot(report: VrrpReport): string {
  const rows = report.rows.map((row) => (isDefault(row) ? { ...row, name: `${row.name} (default)` } : row));
  const outages = rows.map(({ name, killedHost }) => ({ name, ...killedHost }));
  const stalls = rows.flatMap(({ name, stalls }) => stalls.map((stall) => ({ name, ...stall })));
  const lane = { fy: "name", x: "stallSec", y: stallLane, r: 5 } as const;
  return svgOf({
    title: "Trade-offs of the VRRP settings",
    subtitle: "Bars: how long clients wait when the holder dies. Dots: stalls of a holder that then continues.",
    description: rows
      .map(
        (row) =>
          `${row.name}: outage ${row.killedHost.p95.toFixed(2)} s, stalls of ${longestStallSurvivedSec(row)} s survived.`,
      )
      .join(" "),
    keys: [
      { sign: "box", colour: colours.blue, meaning: "outage of a killed host, p95" },
      { sign: "dot", colour: colours.green, meaning: "stall survived" },
      { sign: "cross", colour: colours.red, meaning: "stall that moved the address, for nothing" },
    ],
    height: rows.length * rowHeight + axisRoom,
    plot: {
      marginTop: 4,
      marginBottom: 42,
      marginLeft: 212,
      marginRight: 64,
      fy: { domain: rows.map(({ name }) => name), padding: 0 },
      y: { domain: [0, 1], axis: null },
      x: {
        domain: [0, Math.max(...outages.map(({ max }) => max), ...stalls.map(({ stallSec }) => stallSec)) * 1.04],
        label: "seconds",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: 8,
      },
      marks: [
        Plot.gridX({ stroke: colours.grid.light, strokeOpacity: 1, ticks: 8 }),
        Plot.axisFy({ anchor: "left", label: null, dx: -8 }),
        Plot.rect(outages, {
          fy: "name",
          x1: 0,
          x2: "p95",
          y1: outageLane - 0.16,
          y2: outageLane + 0.16,
          fill: colours.blue.light,
        }),
        Plot.text(outages, {
          fy: "name",
          x: "p95",
          y: outageLane,
          text: ({ p95 }) => `${p95.toFixed(2)} s`,
          textAnchor: "start",
          dx: 6,
        }),
        Plot.dot(
          stalls.filter(({ moves }) => moves === 0),
          { ...lane, fill: colours.green.light },
        ),
        Plot.dot(
          stalls.filter(({ moves }) => moves > 0),
          { ...lane, symbol: "times", stroke: colours.red.light, strokeWidth: 2.5 },
        ),
      ],
    },
  });
}
