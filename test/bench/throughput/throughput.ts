import { join } from "node:path";
import { checkout } from "../../../common/checkout.ts";
import { catchInterrupts } from "../../../common/interrupt.ts";
import { loadConfig } from "../../../config/load.ts";
import { clientsOf } from "../../../lab/account/machine.ts";
import { measuredMachine } from "../measured-machine.ts";
import { runningLab } from "../outage/command.ts";
import { measurementsFile, saveJson } from "../outage/saved.ts";
import { closeGateway, startBareRegistry } from "./bare-registry.ts";
import { startClient } from "./client.ts";
import { placeOf, removeBenchMachines } from "./machines.ts";
import { blobMib, loads, measure } from "./measure.ts";
import { printReport } from "./print.ts";
import { refuseOtherFiles, restoreRedirect, switchedFiles } from "./redirect.ts";
import type { ThroughputReport } from "./result.ts";
import { removeStoredBlobs } from "./stored-blobs.ts";
import { cpuOf, rowsOf } from "./summary.ts";

export interface ThroughputOptions {
  /** Writes docs/measurements/throughput.json. */
  readonly save?: boolean;
}

/**
 * Pulls and pushes through the running lab's whole chain, against one bare registry that serves TLS itself, on the same S3
 * server. What it makes in the lab, it removes, also after Ctrl-C.
 */
export async function benchThroughput({ save }: ThroughputOptions): Promise<void> {
  catchInterrupts();
  const lab = runningLab();
  const config = loadConfig(join(checkout, "cluster.yml"));
  const place = await placeOf(lab);
  const files = switchedFiles(config);
  const removeBlobs = () => removeStoredBlobs(clientsOf(lab).objects, config.storage, place.digests);
  // What an earlier bench changed and was killed before it could take it back.
  await restoreRedirect(place, files);
  await refuseOtherFiles(place, files);
  try {
    await removeBenchMachines(place);
    await startClient(place, config.storage.bucket);
    await startBareRegistry(place);
    const { samples, memory } = await measure(place, loads, files, removeBlobs);
    const report: ThroughputReport = {
      machine: measuredMachine(),
      blobMib,
      rows: rowsOf(samples),
      cpu: cpuOf(samples),
      memory,
    };
    printReport(report);
    if (save) saveJson(measurementsFile("throughput.json"), report);
  } finally {
    // First what would go on to work on the rest; and all of it, whatever fails.
    await reportFailures([removeBenchMachines(place)]);
    await reportFailures([closeGateway(place), restoreRedirect(place, files), removeBlobs()]);
  }
}

async function reportFailures(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected") console.error(`left behind in the lab: ${end.reason}`);
  }
}
