import { awsPorts } from "../../../lab/account/machine.ts";
import { barePort } from "./bare-registry.ts";
import { makeBlobs, pull, push } from "./client.ts";
import type { BenchPlace } from "./machines.ts";
import { cpuSecByHop, lookAtCpu, memoryUnder, type Station, stationsOf } from "./meter.ts";
import { redirectToS3, restoreRedirect, type SwitchedFile } from "./redirect.ts";
import type { DaemonMemory, Path } from "./result.ts";
import { mibPerSec, type Sample } from "./summary.ts";
import { checkPull, checkPush, type Transfers } from "./transfers.ts";

/** A layer of usual size. */
export const blobMib = 16;
const bytesPerMib = 1024 ** 2;

export interface Load {
  readonly clients: number;
  /** Of all clients together. */
  readonly blobs: number;
  readonly rounds: number;
  /** The blobs of the last push are then pulled. */
  readonly pushes: readonly Push[];
}

type Push = "push" | "push-chunked";

/** Each takes a second or more; the one with the most clients and blobs comes last. */
export const loads: readonly Load[] = [
  { clients: 1, blobs: 8, rounds: 5, pushes: ["push-chunked", "push"] },
  { clients: 10, blobs: 20, rounds: 5, pushes: ["push"] },
  { clients: 100, blobs: 100, rounds: 5, pushes: ["push"] },
];

/** Statuses of the requests that a push consists of. */
const pushStatuses: Readonly<Record<Push, readonly number[]>> = { push: [202, 201], "push-chunked": [202, 202, 201] };

const portOf = (path: Path) => (path === "bare" ? barePort : awsPorts.https);

/**
 * Measures every operation, path and number of clients. Paths that are compared take turns within a round, so that a
 * slowdown of the machine affects them all.
 *
 * @param loads with the most clients and blobs last: under them the memory is measured.
 * @param files the files that redirect clients to S3.
 * @param removeBlobs removes everything pushed so far, to save disk space.
 */
export async function measure(
  place: BenchPlace,
  loads: readonly Load[],
  files: readonly SwitchedFile[],
  removeBlobs: () => Promise<void>,
): Promise<{ samples: Sample[]; memory: DaemonMemory[] }> {
  const stations = await stationsOf(place);
  const samples: Sample[] = [];
  const run = sampler(stations, samples);
  const memory: DaemonMemory[] = [];
  let digests: readonly string[] = [];
  for (const load of loads) {
    console.error(`clients ${load.clients}: warming up`);
    if (load === loads.at(-1)) memory.push(...(await memoryUnder(stations, load.clients, () => warmUp(place, load))));
    else await warmUp(place, load);
    for (let round = 1; round <= load.rounds; round++) {
      await removeBlobs();
      digests = await pushAndPull(place, load, round, run);
    }
  }
  await redirectToS3(place, files);
  for (const load of loads) await pullRedirected(place, load, digests.slice(0, load.blobs), run);
  await restoreRedirect(place, files);
  return { samples, memory };
}

/** Warms up every program. Not measured. */
async function warmUp(place: BenchPlace, { clients, blobs }: Load): Promise<void> {
  const digests = await makeBlobs(place, blobs, blobMib);
  checkPush(await push(place, "push", portOf("chain"), clients), pushStatuses.push, blobs);
  for (const path of ["chain", "bare"] as const) await checkedPull(place, path, clients, digests);
}

type Labels = Pick<Sample, "operation" | "path" | "clients" | "round" | "bytes">;
type Run = (labels: Labels, run: () => Promise<Transfers>) => Promise<unknown>;

/** @returns the digests of what was pushed last, and pulled. */
async function pushAndPull(place: BenchPlace, load: Load, round: number, run: Run): Promise<readonly string[]> {
  const { clients, blobs, pushes } = load;
  const labels = { clients, round: String(round), bytes: blobs * blobMib * bytesPerMib };
  let digests: readonly string[] = [];
  for (const operation of pushes) {
    for (const path of inTurns<Path>(["bare", "chain"], round)) {
      digests = await makeBlobs(place, blobs, blobMib);
      await run({ ...labels, operation, path }, async () => {
        const pushed = await push(place, operation, portOf(path), clients);
        checkPush(pushed, pushStatuses[operation], blobs);
        return pushed;
      });
    }
  }
  const pullBy = (path: Path) =>
    run({ ...labels, operation: "pull", path }, () => checkedPull(place, path, clients, digests));
  for (const path of inTurns<Path>(["bare", "chain-cold"], round)) await pullBy(path);
  // Connections go to one proxy after the other. Each caches what it was asked for twice.
  for (let turn = 0; turn < 2 * place.proxies.length; turn++) await checkedPull(place, "chain-hot", 1, digests);
  await pullBy("chain-hot");
  return digests;
}

/** Old blobs will do here, because they pass no proxy. */
async function pullRedirected(
  place: BenchPlace,
  { clients, blobs, rounds }: Load,
  digests: readonly string[],
  run: Run,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const labels = { clients, round: `redirect ${round}`, bytes: blobs * blobMib * bytesPerMib };
    for (const path of inTurns<Path>(["bare", "chain-redirect"], round)) {
      await run({ ...labels, operation: "pull", path }, () => checkedPull(place, path, clients, digests));
    }
  }
}

async function checkedPull(
  place: BenchPlace,
  path: Path,
  clients: number,
  digests: readonly string[],
): Promise<Transfers> {
  const pulled = await pull(place, portOf(path), clients, digests);
  checkPull(pulled, { digests, bytes: blobMib * bytesPerMib, redirects: path === "chain-redirect" ? 1 : 0 });
  return pulled;
}

/** Records and prints the time of a run. */
function sampler(stations: readonly Station[], samples: Sample[]): Run {
  return async (labels, run) => {
    const before = await lookAtCpu(stations);
    const { seconds, cpuSec } = await run();
    const after = await lookAtCpu(stations);
    const sample = { ...labels, seconds, cpuSecByHop: { client: cpuSec, ...cpuSecByHop(before, after) } };
    samples.push(sample);
    const { operation, path, clients, round } = labels;
    console.error(`${operation} ${path}, clients ${clients}, round ${round}: ${mibPerSec(sample).toFixed(0)} MiB/s`);
  };
}

/** Reverses the order in every second round, so that no path always profits from the one before it. */
const inTurns = <T>(paths: readonly T[], round: number) => (round % 2 === 0 ? [...paths].reverse() : paths);
