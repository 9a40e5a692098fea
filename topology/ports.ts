/** Every port and protocol of the cluster, each defined once. */
export const ports = {
  ssh: 22,
  /** What clients connect to: HAProxy on the holder of the service address. */
  https: 443,
  /** nginx on every proxy, which terminates TLS. HAProxy on the holder connects to it with the PROXY protocol. */
  proxyL7: 8443,
  /** Health of a proxy, on the loopback interface only: HAProxy answers, and checks nginx. */
  proxyHealth: 8080,
  /** Health and status of nginx, on the loopback interface only. */
  nginxHealth: 8082,
  registry: 5000,
  /** On the loopback interface of a proxy: HAProxy, which forwards to a healthy registry. */
  anyRegistry: 5000,
  /** Prometheus metrics of the registry, reachable from the bastion only. */
  registryMetrics: 5001,
  /** Prometheus metrics of HAProxy, status of nginx, and whether this proxy is master. Reachable from the bastion and other proxies. */
  proxyMetrics: 8081,
} as const;

/** IP protocol number of VRRP. */
export const vrrpProtocol = 112;
