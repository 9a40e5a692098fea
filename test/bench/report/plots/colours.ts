/** A colour on a light page, and its counterpart on a dark page. */
export interface Colour {
  readonly light: string;
  readonly dark: string;
}

const colour = (light: string, dark: string): Colour => ({ light, dark });

/** The same as in the drawing of the architecture: GitHub's own colours. */
export const colours = {
  page: colour("#ffffff", "#0d1117"),
  text: colour("#1f2328", "#f0f6fc"),
  dim: colour("#59636e", "#9198a1"),
  grid: colour("#d1d9e0", "#3d444d"),
  blue: colour("#0969da", "#4493f8"),
  paleBlue: colour("#b6e3ff", "#0c2d6b"),
  green: colour("#1a7f37", "#3fb950"),
  amber: colour("#bf8700", "#d29922"),
  red: colour("#cf222e", "#f85149"),
  purple: colour("#8250df", "#ab7df8"),
  teal: colour("#1b7c83", "#39c5cf"),
  orange: colour("#bc4c00", "#db6d28"),
  grey: colour("#6e7781", "#848d97"),
  fewClients: colour("#80ccff", "#1158c7"),
  someClients: colour("#218bff", "#388bfd"),
  manyClients: colour("#0a3069", "#a5d6ff"),
} as const;

/** Style rules for dark pages: they override the attributes with the light colours. */
export function darkRules(): string {
  const all: readonly Colour[] = Object.values(colours);
  return all
    .map(({ light, dark }) => `[fill="${light}"] { fill: ${dark}; } [stroke="${light}"] { stroke: ${dark}; }`)
    .join("\n");
}
