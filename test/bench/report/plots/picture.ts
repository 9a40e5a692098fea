import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Colour, colours, darkRules } from "./colours.ts";

/** An entry of a plot's legend. */
export interface Key {
  readonly sign: "box" | "dot" | "cross" | "line" | "dashes";
  readonly colour: Colour;
  readonly meaning: string;
}

export interface Picture {
  readonly title: string;
  /** One line on how to read it. */
  readonly subtitle: string;
  readonly keys: readonly Key[];
  /** For readers who cannot see the plot. */
  readonly description: string;
  /** Height of the plot below the header, its axes included. */
  readonly height: number;
  readonly plot: Omit<Plot.PlotOptions, "document" | "width" | "height">;
}

export const pictureWidth = 860;
const edge = 24;
const keyHeight = 22;
const header = { title: 32, subtitle: 53, keys: 78 };

/** A plot as an SVG file that follows the reader's light or dark mode. The same data give the same bytes. */
export function svgOf({ title, subtitle, keys, description, height, plot }: Picture): string {
  const placed = placedKeys(keys);
  const top = Math.max(header.subtitle, ...placed.map(({ y }) => y)) + 18;
  const total = top + height + edge / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${pictureWidth}" height="${total}" viewBox="0 0 ${pictureWidth} ${total}" role="img" aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" color="${colours.text.light}" fill="currentColor">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>
@media (prefers-color-scheme: dark) {
svg { color: ${colours.text.dark}; }
${darkRules()}
}
</style>
<rect fill="${colours.page.light}" width="${pictureWidth}" height="${total}" rx="10"/>
<text x="${edge}" y="${header.title}" font-size="16" font-weight="600">${escaped(title)}</text>
<text x="${edge}" y="${header.subtitle}" fill="${colours.dim.light}">${escaped(subtitle)}</text>
${placed.map(legendEntry).join("\n")}
${drawn({ ...plot, width: pictureWidth, height }, top)}
</svg>
`;
}

type PlacedKey = Key & { readonly x: number; readonly y: number };

/** Side by side, in as many lines as they need. Without a browser, text cannot be measured, so each gets room for the widest usual font. */
function placedKeys(keys: readonly Key[]): PlacedKey[] {
  let [x, y] = [edge, header.keys];
  return keys.map((key) => {
    const width = Math.round(key.meaning.length * 6.8 + 46);
    if (x + width > pictureWidth) [x, y] = [edge, y + keyHeight];
    const placed = { ...key, x, y };
    x += width;
    return placed;
  });
}

function legendEntry({ sign, colour, meaning, x, y }: PlacedKey): string {
  return `${signAt(sign, colour.light, x, y - 4)}<text x="${x + 24}" y="${y}">${escaped(meaning)}</text>`;
}

function signAt(sign: Key["sign"], colour: string, x: number, y: number): string {
  if (sign === "box") return `<rect fill="${colour}" x="${x + 2}" y="${y - 6}" width="14" height="12" rx="2"/>`;
  if (sign === "dot") return `<circle fill="${colour}" cx="${x + 10}" cy="${y}" r="4"/>`;
  if (sign === "cross") return `<path stroke="${colour}" stroke-width="2.5" d="M${x + 6} ${y - 4}l8 8m0 -8l-8 8"/>`;
  const dashes = sign === "dashes" ? ' stroke-dasharray="3 2"' : "";
  return `<path stroke="${colour}" stroke-width="2"${dashes} d="M${x + 9} ${y - 8}v16"/>`;
}

function drawn(options: Plot.PlotOptions, y: number): string {
  const { document } = parseHTML("<html></html>");
  const svg = Plot.plot({ ...options, document, style: { fontSize: "12px" } });
  // Its rules are only for HTML pages.
  svg.querySelector("style").remove();
  for (const name of ["class", "fill", "style", "font-family", "font-size", "color"]) svg.removeAttribute(name);
  svg.setAttribute("y", String(y));
  return rounded(svg.outerHTML as string);
}

/** Hundredths of a pixel are enough, and further digits may differ between versions of Node.js. */
function rounded(svg: string): string {
  return svg.replaceAll(/="[^"]*"/g, (value) =>
    value.replaceAll(/\d+\.\d{3,}/g, (long) => `${Number(Number(long).toFixed(2))}`),
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
