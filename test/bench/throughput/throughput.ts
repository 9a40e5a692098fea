import { parseArgs } from "node:util";
import { clientsOf } from "../../../lab/aws/machine.ts";
import { OperatorError } from "../../../operator/errors.ts";
import { catchInterrupts } from "../../../operator/interrupt.ts";
import { measuredMachine } from "../measured-machine.ts";
import { runningLab } from "../outage/command.ts";
import { measurementsFile, saveJson } from "../outage/saved.ts";
import { closeGateway, type RegistryConfig, registryConfig, startBareRegistry } from "./bare-registry.ts";
import { startClient } from "./client.ts";
import { type BenchPlace, placeOf, removeBenchMachines } from "./machines.ts";
import { blobMib, loads, measure } from "./measure.ts";
import { printReport } from "./print.ts";
import { restoreRedirect } from "./redirect.ts";
import type { ThroughputReport } from "./result.ts";
import { removeStoredBlobs } from "./stored-blobs.ts";
import { cpuOf, rowsOf } from "./summary.ts";

/**
 * `npm run bench -- throughput`: pulls and pushes through the running lab's whole chain, against one bare registry that serves
 * TLS itself, on the same S3 server. What it makes in the lab, it removes, also after Ctrl-C.
 *
 *     --save   writes docs/measurements/throughput.json
 */
export async function benchThroughput(args: readonly string[]): Promise<void> {
  catchInterrupts();
  const { values } = parseArgs({ args: [...args], options: { save: { type: "boolean", default: false } } });
  const lab = runningLab();
  const place = await placeOf(lab);
  // What an earlier bench had changed and was killed before it could take back.
  await restoreRedirect(place);
  const config = await registryConfig(place);
  refuseRedirect(config);
  try {
    await removeBenchMachines(place);
    await startClient(place, config.storage.s3.bucket);
    await startBareRegistry(place, config);
    const { samples, memory } = await measure(place, loads, () => removeStoredBlobs(clientsOf(lab).objects, config));
    const report: ThroughputReport = {
      machine: measuredMachine(),
      blobMib,
      rows: rowsOf(samples),
      cpu: cpuOf(samples),
      memory,
    };
    printReport(report);
    if (values.save) saveJson(measurementsFile("throughput.json"), report);
  } finally {
    await takeBack(place, config);
  }
}

function refuseRedirect({ storage }: RegistryConfig): void {
  if (storage.redirect.disable) return;
  throw new OperatorError("the registries redirect to S3, so their own throughput cannot be measured", {
    fix: "set storage.redirect to false in the config, then npx registry-cluster lab up",
  });
}

/** All of it is tried, whatever fails; first what would go on to work on the rest. */
async function takeBack(place: BenchPlace, config: RegistryConfig): Promise<void> {
  const first = await Promise.allSettled([removeBenchMachines(place)]);
  const rest = await Promise.allSettled([
    closeGateway(place),
    restoreRedirect(place),
    removeStoredBlobs(clientsOf(place.lab).objects, config),
  ]);
  for (const end of [...first, ...rest]) {
    if (end.status === "rejected") console.error(`left behind in the lab: ${end.reason}`);
  }
}
