import { checkout } from "../common/checkout.ts";

/** Packages that are not ES modules need `require`. */
const requireOfModules = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** The part of the command line that a builder needs, bundled with its packages into one file. The same sources give the same text. */
export async function builderProgram(): Promise<string> {
  // Loaded here, so that clusters without a builder do not pay for it.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: ["cli/builder.ts"],
    ...{ bundle: true, write: false, legalComments: "none" },
    ...{ platform: "node", target: "node24", format: "esm", banner: { js: requireOfModules } },
  });
  return outputFiles[0]!.text;
}
