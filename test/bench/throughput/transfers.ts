/** The client script's report on one operation. */
export interface Transfers {
  /** Duration of all transfers together, from the first connection to the last byte. */
  readonly seconds: number;
  /** CPU time of curl and its helpers. */
  readonly cpuSec: number;
  readonly transfers: readonly Transfer[];
  /** Digest of the first blob as it arrived. Only for pulls. */
  readonly pulled?: string;
}

export interface Transfer {
  readonly status: number;
  readonly redirects: number;
  readonly receivedBytes: number;
}

/** Reads what `client.sh` prints. */
export function parseTransfers(text: string): Transfers {
  const transfers = [...text.matchAll(/^transfer (\d+) (\d+) (\d+)$/gm)].map(([, status, redirects, received]) => ({
    status: Number(status),
    redirects: Number(redirects),
    receivedBytes: Number(received),
  }));
  const nanoseconds = /^took (\d+) ns$/m.exec(text)?.[1];
  if (nanoseconds === undefined) throw new Error(`the client did not say how long it took: ${text}`);
  const times = [...text.matchAll(/^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm)];
  const cpuSec = times
    .flatMap(([, userMin, userSec, systemMin, systemSec]) => [
      Number(userMin) * 60 + Number(userSec),
      Number(systemMin) * 60 + Number(systemSec),
    ])
    .reduce((sum, seconds) => sum + seconds, 0);
  const pulled = /^pulled (sha256:[0-9a-f]{64})/m.exec(text)?.[1];
  return { seconds: Number(nanoseconds) / 1e9, cpuSec, transfers, ...(pulled && { pulled }) };
}

/**
 * Checks every transfer of a pull, because errors are quick and would look like speed.
 *
 * @param redirects how often each must have been redirected.
 * @throws Error that names the first wrong one.
 */
export function checkPull(
  { transfers, pulled }: Transfers,
  blobs: { readonly digests: readonly string[]; readonly bytes: number; readonly redirects: number },
): void {
  for (const { status, redirects, receivedBytes } of transfers) {
    if (status !== 200) throw new Error(`a pull ended with the status ${status}, not 200`);
    if (receivedBytes !== blobs.bytes) throw new Error(`a pull brought ${receivedBytes} bytes, not ${blobs.bytes}`);
    if (redirects !== blobs.redirects)
      throw new Error(`a pull was redirected ${redirects} times, not ${blobs.redirects}`);
  }
  checkCount(transfers, blobs.digests.length);
  if (pulled !== blobs.digests[0]) throw new Error(`pulled ${pulled}, not ${blobs.digests[0]}`);
}

/** The registry itself checks the digest of a push. @throws Error that names the first wrong transfer. */
export function checkPush({ transfers }: Transfers, statuses: readonly number[], blobs: number): void {
  transfers.forEach(({ status }, index) => {
    const wanted = statuses[Math.floor(index / blobs)];
    if (status !== wanted)
      throw new Error(`request ${index + 1} of a push ended with the status ${status}, not ${wanted}`);
  });
  checkCount(transfers, statuses.length * blobs);
}

function checkCount(transfers: readonly Transfer[], wanted: number): void {
  if (transfers.length !== wanted) throw new Error(`the client made ${transfers.length} transfers, not ${wanted}`);
}
