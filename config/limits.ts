/** Limits that are used by both a rule and its message. */
export const limits = {
  /** Largest size of a config file. */
  fileMib: 1,
  /** No organisation owns a CIDR with a shorter prefix, and two /1 are as open as one /0. */
  shortestPrefix: 8,
  /** How long a proxy that does not serve may keep the service address. Clients give up sooner. */
  deadProxySec: 60,
  /** Needed on a proxy's root volume besides cached blobs: the system, logs, and blobs that are being cached. */
  systemGib: 5,
  /** A generous time for a node to fetch and apply a bundle. */
  convergeMinutes: 1,
  /** S3's limit. */
  bucketNameCharacters: 63,
  /** Docker and containerd open about this many connections for a few images at once. */
  leastConnectionsPerClient: 16,
} as const;
