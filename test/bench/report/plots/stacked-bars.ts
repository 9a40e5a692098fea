import * as Plot from "@observablehq/plot";
import { type Colour, colours } from "./colours.ts";
import { type Picture, svgOf } from "./picture.ts";

export interface StackedBars extends Pick<Picture, "title" | "subtitle"> {
  /** Unit of the lengths, below the axis. */
  readonly unit: string;
  /** Parts of a bar, from left to right. */
  readonly parts: readonly { readonly name: string; readonly colour: Colour }[];
  /** From top to bottom. */
  readonly bars: readonly { readonly name: string; readonly lengths: Readonly<Record<string, number>> }[];
}

const rowHeight = 30;
const axisRoom = 46;
/** A part needs this share of the longest bar for its number to fit. */
const roomForNumber = 0.06;

/** Bars of several parts, each with its number, and their sum at the end. */
export function stackedBars({ title, subtitle, unit, parts, bars }: StackedBars): string {
  const segments = bars.flatMap(({ name: bar, lengths }) =>
    parts.flatMap(({ name: part, colour }, index) => {
      const length = lengths[part] ?? 0;
      const x1 = parts.slice(0, index).reduce((sum, before) => sum + (lengths[before.name] ?? 0), 0);
      return length > 0 ? [{ bar, part, length, x1, x2: x1 + length, colour: colour.light }] : [];
    }),
  );
  const sums = bars.map(({ name: bar, lengths }) => ({ bar, sum: sumOf(lengths) }));
  const longest = Math.max(...sums.map(({ sum }) => sum));
  return svgOf({
    title,
    subtitle,
    description: sums.map(({ bar, sum }) => `${bar}: ${sum.toFixed(2)} ${unit}.`).join(" "),
    keys: parts.map(({ name, colour }) => ({ sign: "box", colour, meaning: name })),
    height: bars.length * rowHeight + axisRoom,
    plot: {
      marginTop: 4,
      marginBottom: 42,
      marginLeft: 212,
      marginRight: 72,
      y: { domain: bars.map(({ name }) => name), padding: 0.25 },
      x: { domain: [0, longest], label: unit, labelAnchor: "center", labelArrow: "none", ticks: 8 },
      marks: [
        Plot.gridX({ stroke: colours.grid.light, strokeOpacity: 1, ticks: 8 }),
        Plot.axisY({ label: null, tickSize: 0, tickPadding: 8 }),
        Plot.rect(segments, { y: "bar", x1: "x1", x2: "x2", fill: "colour", insetRight: 1 }),
        Plot.text(
          segments.filter(({ length }) => length >= longest * roomForNumber),
          {
            y: "bar",
            x: ({ x1, x2 }) => (x1 + x2) / 2,
            text: ({ length }) => length.toFixed(2),
            fill: colours.page.light,
          },
        ),
        Plot.text(sums, {
          y: "bar",
          x: "sum",
          text: ({ sum }) => sum.toFixed(2),
          textAnchor: "start",
          dx: 6,
          fontWeight: 600,
        }),
      ],
    },
  });
}

function sumOf(lengths: Readonly<Record<string, number>>): number {
  return Object.values(lengths).reduce((sum, length) => sum + length, 0);
}
