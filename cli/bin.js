#!/usr/bin/env node
// Runs the TypeScript sources as they are: there is no build step to forget.
import "../common/startup-checks.js";

try {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./main.ts");
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    "packages that registry-cluster needs are not installed\n  mend: npm ci, in the folder of registry-cluster\n",
  );
  process.exitCode = 1;
}
