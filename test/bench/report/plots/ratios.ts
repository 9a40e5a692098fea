import * as Plot from "@observablehq/plot";
import type { ThroughputReport } from "../../throughput/result.ts";
import { clientsText, inOrder, operationNames, pathNames, ratioIsMet } from "../throughput-names.ts";
import { type Colour, colours } from "./colours.ts";
import { svgOf } from "./picture.ts";

const barHeight = 16;
/** Space above and below the bars of a group, as a share of a bar. */
const groupPadding = 0.55;
const axisRoom = 50;
const shades = [colours.fewClients, colours.someClients, colours.manyClients];

/** Throughput of each path as a multiple of the bare registry's, by number of clients. */
export function ratioPlot({ rows }: ThroughputReport): string {
  const clients = [...new Set(rows.map((row) => row.clients))].sort((a, b) => a - b);
  const bars = inOrder(rows)
    .filter(({ path }) => path !== "bare")
    .map((row) => ({
      ...row,
      way: `${operationNames[row.operation]}: ${pathNames[row.path]}`,
      colour: shadeOf(clients.indexOf(row.clients)).light,
    }));
  const ways = [...new Set(bars.map(({ way }) => way))];
  return svgOf({
    title: "Throughput of the whole chain compared to one bare registry",
    subtitle:
      "Same machine, same S3 server, measured alternately. Longer is faster; at 1 the chain costs no throughput.",
    description: bars
      .map(({ way, clients, ratioToBare }) => `${way}, ${clients} clients: ${ratioToBare.toFixed(2)}.`)
      .join(" "),
    keys: [
      ...clients.map((count, index) => ({
        sign: "box" as const,
        colour: shadeOf(index),
        meaning: clientsText(count),
      })),
      { sign: "line", colour: colours.text, meaning: "the bare registry" },
      { sign: "dashes", colour: colours.green, meaning: "goal" },
    ],
    height: ways.length * (clients.length + 2 * groupPadding) * barHeight + axisRoom,
    plot: {
      marginTop: 4,
      marginBottom: 46,
      marginLeft: 212,
      marginRight: 72,
      fy: { domain: ways, padding: 0 },
      y: { domain: clients, axis: null, paddingInner: 0.12, paddingOuter: groupPadding },
      x: {
        domain: [0, Math.max(1, ...bars.flatMap(({ ratioToBare, goal = 0 }) => [ratioToBare, goal])) * 1.02],
        label: "times the throughput of the bare registry",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: 5,
      },
      marks: [
        Plot.gridX({ stroke: colours.grid.light, strokeOpacity: 1, ticks: 5 }),
        Plot.axisFy({ anchor: "left", label: null, dx: -8 }),
        Plot.barX(bars, { fy: "way", y: "clients", x: "ratioToBare", fill: "colour" }),
        Plot.ruleX([1], { stroke: colours.text.light, strokeWidth: 2 }),
        Plot.tickX(
          bars.filter(({ goal }) => goal !== undefined),
          { fy: "way", y: "clients", x: "goal", stroke: colours.green.light, strokeWidth: 2, strokeDasharray: "3 2" },
        ),
        Plot.text(bars, {
          fy: "way",
          y: "clients",
          frameAnchor: "right",
          text: ({ ratioToBare, goal }) => `${ratioToBare.toFixed(2)}${signOf(ratioToBare, goal)}`,
          textAnchor: "start",
          dx: 12,
        }),
      ],
    },
  });
}

function shadeOf(index: number): Colour {
  return shades[index % shades.length] as Colour;
}

function signOf(ratio: number, goal: number | undefined): string {
  if (goal === undefined) return "";
  return ratioIsMet({ ratioToBare: ratio, goal }) ? " ✓" : " ✗";
}
