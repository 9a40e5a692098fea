/** Limits that both a rule and its message name. */
export const limits = {
  /** A config file that is larger is no config file. */
  fileMib: 1,
  /** A CIDR with a shorter prefix is no organisation's own: two /1 are as open as one /0. */
  shortestPrefix: 8,
  /** How long a proxy that does not serve may keep the address. Clients give up sooner. */
  deadProxySec: 60,
  /** On a proxy's root volume, besides cached blobs: the system, logs, and blobs on their way into the cache. */
  systemGib: 5,
  /** What a node needs to fetch and apply a bundle, generously. */
  convergeMinutes: 1,
  /** Of S3. */
  bucketNameCharacters: 63,
  /** Connections of one client, as Docker and containerd open them for a few images at once. */
  leastConnectionsPerClient: 16,
} as const;
