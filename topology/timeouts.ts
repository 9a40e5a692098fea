/**
 * Every limit of time on the way of a request, in seconds. They are decided together: what is nearer to the client waits longer
 * than what is behind it, so that the one who knows the reason says it. docs/how-it-works.md shows them all.
 */
export const timeouts = {
  /**
   * For which a client or a registry may be silent, or take nothing. Slow lines drain buffers of megabytes before there is room
   * again, people suspend their laptops, and a registry that puts a large layer together says nothing meanwhile.
   */
  silenceSec: 900,
  /** HAProxy waits longer than nginx, which can say what was wrong. */
  haproxySilenceSec: 920,
  /** For a TLS handshake, and for the head of a request: as a whole, because nobody has logged in yet. */
  headSec: 30,
  /** A connection that nobody uses: longer than clients written in Go keep one (90 s), so that it is they who close it. */
  keepAliveSec: 120,
  /** S3 answers within seconds or not at all. */
  storageSilenceSec: 60,
  /** For which transfers go on after a reload, by the programs that the reload has replaced. */
  oldTransfersSec: 3600,
} as const;

/** HAProxy's questions to the nginx of its own node. keepalived hears what it has found. */
export const nginxChecks = { intervalMs: 500, timeoutSec: 5, fall: 2 } as const;

/** So long after its nginx began to refuse, or to answer badly, HAProxy knows. */
export const nginxFailsSec = (nginxChecks.intervalMs / 1000) * nginxChecks.fall;

/** The same for an nginx that does not answer. */
export const nginxHangsSec = (nginxChecks.intervalMs / 1000 + nginxChecks.timeoutSec) * nginxChecks.fall;
