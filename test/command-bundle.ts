import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { checkout } from "../common/checkout.ts";

/** The names of the command line's parts that the bundle exports. */
export type CommandLine = Pick<typeof import("../cli/program.ts"), "createProgram"> &
  Pick<typeof import("../cli/run.ts"), "run" | "reportFailure">;

/** Sources look for files beside them: in the bundle, beside where they would be in the bundle's folder. */
const inPlace: Plugin = {
  name: "in place",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replaceAll("import.meta.dirname", placeOf(dirname(path)))
        .replaceAll("import.meta.url", `require("node:url").pathToFileURL(${placeOf(path)}).href`),
    })),
};
const placeOf = (path: string) => `require("node:path").join(__dirname, ${JSON.stringify(relative(checkout, path))})`;

let bundle: Promise<string> | undefined;

/** Where the starter saves the compiled code. */
export const compiledBundle = "command-line.compiled";

/** The command line as one CommonJS file, for the top of a copy of the checkout. It starts in a third of the time. */
export function commandBundle(): Promise<string> {
  bundle ??= makeBundle();
  return bundle;
}

async function makeBundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export { createProgram } from "./cli/program.ts"; export { run, reportFailure } from "./cli/run.ts";',
      resolveDir: checkout,
    },
    ...{ bundle: true, write: false, platform: "node", format: "cjs", plugins: [inPlace], logLevel: "error" },
    ...{ minifyWhitespace: true, minifySyntax: true },
    define: { "import.meta.url": "bundleUrl" },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  const [file] = outputFiles;
  if (!file) throw new Error("esbuild has made no file");
  return file.text;
}

/**
 * Starts what is in the bundle; for the top of a copy of the checkout too. An import would first look for names in all of it. The first
 * start saves the compiled code, so that later ones take 60 % of the time.
 */
export const bundleStarter = `import "./common/startup-checks.js";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, Script } from "node:vm";

const folder = dirname(fileURLToPath(import.meta.url));
const [program, compiled] = [join(folder, "command-line.cjs"), join(folder, "${compiledBundle}")];
const isCompiled = existsSync(compiled);
const script = new Script("(function (module, require, __filename, __dirname) {" + readFileSync(program, "utf8") + "\\n})", {
  filename: program,
  cachedData: isCompiled ? readFileSync(compiled) : undefined,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const module = { exports: {} };
script.runInThisContext()(module, createRequire(program), program, folder);
if (!isCompiled) writeFileSync(compiled, script.createCachedData());
await module.exports.run(module.exports.createProgram);
`;
