#!/usr/bin/env node
// Runs the TypeScript sources as they are: there is no build step to forget.
import "../operator/ground.js";

const { register } = await import("tsx/esm/api");
register();
await import("./main.ts");
