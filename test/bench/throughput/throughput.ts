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
 * Pulls and pushes through the running lab's whole chain, compared to one bare registry that serves TLS itself, on the same S3
 * server. Removes everything that it creates in the lab, also after Ctrl-C.
 */
export async function benchThroughput({ save }: ThroughputOptions): Promise<void> {
  catchInterrupts();
  const lab = runningLab();
  const config = loadConfig(join(checkout, "cluster.yml"));
  const place = await placeOf(lab);
  const files = switchedFiles(config);
  const removeBlobs = () => removeStoredBlobs(clientsOf(lab).objects, config.storage, place.digests);
  // Undo what an earlier bench changed before it was killed.
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
    // The machines first, because they might still use the rest. Remove everything, even if some removals fail.
    await reportFailures([removeBenchMachines(place)]);
    await reportFailures([closeGateway(place), restoreRedirect(place, files), removeBlobs()]);
  }
}

async function reportFailures(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected") console.error(`left behind in the lab: ${end.reason}`);
  }
}
