/** Every port and protocol of the cluster, once. */
export const ports = {
  ssh: 22,
  /** What clients reach: HAProxy on the proxy that holds the Elastic IP. */
  https: 443,
  /** nginx on every proxy, where TLS ends; reached by HAProxy on the holder with the PROXY protocol. */
  proxyL7: 8443,
  /** Whether a proxy serves: HAProxy, which asks nginx. On the loopback interface only. */
  proxyHealth: 8080,
  /** nginx health and status, on the loopback interface only. */
  nginxHealth: 8082,
  registry: 5000,
  /** On the loopback interface of a proxy: HAProxy, which leads to a registry that lives. */
  anyRegistry: 5000,
  /** Prometheus metrics of the registry, reached from the bastion only. */
  registryMetrics: 5001,
  /** Prometheus metrics of HAProxy, status of nginx, and whether it is master; reached from the bastion and other proxies. */
  proxyMetrics: 8081,
} as const;

/** IP protocol number of VRRP. */
export const vrrpProtocol = 112;
