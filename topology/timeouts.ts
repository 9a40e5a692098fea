/**
 * Every timeout on the path of a request, in seconds. They depend on each other: each program waits longer than the one behind it,
 * so that the one closest to a problem reports it. docs/how-it-works.md shows them all.
 */
export const timeouts = {
  /**
   * How long a client or a registry may neither send nor accept data. Slow connections take long to drain buffers of megabytes,
   * people suspend their laptops, and a registry sends nothing while it assembles a large layer.
   */
  silenceSec: 900,
  /** HAProxy waits longer than nginx, which can report what was wrong. */
  haproxySilenceSec: 920,
  /** For a whole TLS handshake, and for the whole head of a request. Short, because the client has not logged in yet. */
  headSec: 30,
  /** For an idle connection. Longer than Go clients keep one (90 s), so that the client closes it. */
  keepAliveSec: 120,
  /** How long S3 may be silent: it answers within seconds or not at all. */
  storageSilenceSec: 60,
  /** How long processes that a reload has replaced may continue their transfers. */
  oldTransfersSec: 3600,
} as const;

/**
 * TCP keepalive on the nodes: when a silent connection is probed first, how often then, and after how many lost probes it is closed.
 * Newer EC2 instance types and NAT gateways drop connections that are silent for 350 s, and a transfer may wait for longer than that, for
 * example while a registry assembles a large layer.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
export const tcpKeepalive = { idleSec: 120, intervalSec: 30, probes: 5 } as const;

/** HAProxy's health checks of the nginx on its own node. keepalived acts on the result. */
export const nginxChecks = { intervalMs: 500, timeoutSec: 5, fall: 2 } as const;

/** How long HAProxy takes to notice that nginx refuses connections or answers with errors. */
export const nginxFailsSec = (nginxChecks.intervalMs / 1000) * nginxChecks.fall;

/** How long it takes to notice that nginx does not answer. */
export const nginxHangsSec = (nginxChecks.intervalMs / 1000 + nginxChecks.timeoutSec) * nginxChecks.fall;
