/** Every port and protocol of the cluster, once. */
export const ports = {
  ssh: 22,
  /** What clients reach: the stream listener of the proxy that holds the Elastic IP. */
  https: 443,
  /** The proxies' L7 listeners, reached by the proxies' stream listeners with the PROXY protocol. */
  proxyL7: 8443,
  /** nginx health and status, on the loopback interface only. */
  proxyHealth: 8080,
  registry: 5000,
  /** Prometheus metrics of the registry, reached from the bastion only. */
  registryMetrics: 5001,
  /** Prometheus-readable nginx status, reached from the bastion only. */
  proxyMetrics: 8081,
} as const;

/** IP protocol number of VRRP. */
export const vrrpProtocol = 112;
