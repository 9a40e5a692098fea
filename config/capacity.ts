/** The smallest memory of any instance type of a size that can be a node, in GiB. */
const leastGiB: Readonly<Record<string, number>> = { micro: 1, small: 2, medium: 4, large: 4, xlarge: 8 };
const leastGiBOfLarger = 16;

/** Memory of a connection besides HAProxy's buffers, with long headers and before it has logged in: docs/decisions/0029. */
const connectionKib = 64;

/** More would take the ports that a proxy needs to connect to one nginx. */
const mostConnections = 16_384;

/** A connection passes HAProxy twice, before nginx and behind it, each time with a buffer in both directions. */
const buffersPerConnection = 4;

/** Larger buffers save no more CPU time: docs/decisions/0023. */
const largestBufferKib = 64;

/** What all clients of a proxy have together. */
export interface ProxyCapacity {
  readonly connections: number;
  /** Size of each of HAProxy's buffers. */
  readonly bufferBytes: number;
}

/**
 * Connections may take a quarter of a proxy's memory, and HAProxy's buffers another quarter if all of them are full. The rest
 * is for the system, the kernel's sockets, and nginx's cache (docs/decisions/0029).
 */
export function proxyCapacity(instanceType: string): ProxyCapacity {
  const size = instanceType.split(".")[1] ?? "";
  const quarterKib = ((leastGiB[size] ?? leastGiBOfLarger) * 1024 ** 2) / 4;
  const connections = Math.min(quarterKib / connectionKib, mostConnections);
  const bufferKib = Math.min(quarterKib / connections / buffersPerConnection, largestBufferKib);
  return { connections, bufferBytes: bufferKib * 1024 };
}
