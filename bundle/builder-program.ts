import { checkout } from "../common/checkout.ts";

/** What packages that are no ES modules take for granted. */
const requireOfModules = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** The command line as far as a builder needs it, with all its packages in one file: the same text for the same sources. */
export async function builderProgram(): Promise<string> {
  // Only clusters with a builder pay for loading it.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: ["cli/builder.ts"],
    ...{ bundle: true, write: false, legalComments: "none" },
    ...{ platform: "node", target: "node24", format: "esm", banner: { js: requireOfModules } },
  });
  return outputFiles[0]!.text;
}
