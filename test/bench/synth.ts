import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { type Comparison, compare } from "./timing.ts";

/** Time of `cdktf synth`, compared to an app that only imports the same bindings. */
export async function benchSynth(): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), "bench-synth-"));
  // Inside the checkout, so that it finds the same packages.
  const bare = join(checkout, `.bench-bare-app-${process.pid}.ts`);
  try {
    writeFileSync(bare, await bareApp());
    const run = (program: string) => () =>
      execa("npx", ["cdktf", "synth", "--app", `node --import tsx ${program}`, "--output", folder], {
        cwd: checkout,
        stdio: "ignore",
      });
    return await compare(
      "synth",
      { name: "main.ts", run: run("main.ts") },
      { name: "bare app, same bindings", run: run(bare) },
      7,
    );
  } finally {
    rmSync(bare, { force: true });
    rmSync(folder, { recursive: true });
  }
}

async function bareApp(): Promise<string> {
  const { stdout } = await execa(
    "grep",
    ["-rhoE", 'from "@cdktf/provider-aws/lib/[a-z0-9-]+"', "constructs", "stacks"],
    { cwd: checkout },
  );
  const bindings = [...new Set(stdout.split("\n"))].map((line, index) => `import * as binding${index} ${line};`);
  const names = bindings.map((_line, index) => `binding${index}`);
  return `import { App, TerraformStack } from "cdktf";
${bindings.join("\n")}
const app = new App();
new TerraformStack(app, "bare").addOverride("locals.bindings", [${names.join(", ")}].length);
app.synth();
`;
}
