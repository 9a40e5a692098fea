import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../common/checkout.ts";
import type { OutageReport, VrrpReport } from "../outage/result.ts";
import { measurementsFile, readJson } from "../outage/saved.ts";
import type { ThroughputReport } from "../throughput/result.ts";
import { renderReport } from "./render.ts";
import type { Results } from "./results.ts";

const docs = join(checkout, "docs");

/** What is saved in docs/measurements/. */
export function savedResults(): Results {
  return {
    outage: readJson<OutageReport>(measurementsFile("outage.json")),
    outageAsOnAws: readJson<OutageReport>(measurementsFile("outage-as-on-aws.json")),
    vrrp: readJson<VrrpReport>(measurementsFile("vrrp.json")),
    throughput: readJson<ThroughputReport>(measurementsFile("throughput.json")),
  };
}

/** Writes docs/measurements.md and its plots from the saved results. Measures nothing. */
export async function writeReport(): Promise<void> {
  mkdirSync(measurementsFile(""), { recursive: true });
  const files = renderReport(savedResults());
  for (const name of plotsThere()) if (!files.has(name)) rmSync(join(docs, name));
  for (const [name, text] of files) {
    writeFileSync(join(docs, name), text);
    console.log(`wrote docs/${name}`);
  }
}

/** Plots in docs/measurements/, as paths in docs/: outdated ones must be removed. */
export function plotsThere(): string[] {
  const folder = measurementsFile("");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".svg"))
    .map((name) => `measurements/${name}`);
}
