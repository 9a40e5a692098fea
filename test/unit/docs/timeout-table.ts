import { tcpKeepalive, timeouts } from "../../../topology/timeouts.ts";

const { haproxySilenceSec, silenceSec, storageSilenceSec, headSec, keepAliveSec, oldTransfersSec } = timeouts;

/** What is limited, the setting of nginx or HAProxy, and its seconds. */
export const timeoutRows: readonly (readonly [string, string, number])[] = [
  ["HAProxy: a client or a server sends nothing, or reads nothing", "timeout client", haproxySilenceSec],
  ["HAProxy: the same, towards nginx and the registries", "timeout server", haproxySilenceSec],
  ["nginx: a client reads nothing of its response", "send_timeout", silenceSec],
  ["nginx: a client pauses its upload", "client_body_timeout", silenceSec],
  ["nginx: a registry sends nothing, for instance while it assembles a large layer", "proxy_read_timeout", silenceSec],
  ["nginx: a registry reads nothing of an upload", "proxy_send_timeout", silenceSec],
  ["nginx: S3 sends nothing", "proxy_read_timeout", storageSilenceSec],
  ["nginx: a whole TLS handshake, or the whole head of a request", "client_header_timeout", headSec],
  ["nginx: an idle connection; longer than Go clients keep one", "keepalive_timeout", keepAliveSec],
  ["nginx: transfers that continue after a reload", "worker_shutdown_timeout", oldTransfersSec],
  ["HAProxy: transfers that continue after a reload", "hard-stop-after", oldTransfersSec],
  [
    "kernel: the first probe of a silent connection; AWS drops one after 350 s",
    "net.ipv4.tcp_keepalive_time",
    tcpKeepalive.idleSec,
  ],
];

/** The limits of time, for docs/how-it-works.md. */
export function timeoutTable(): string {
  const rows = timeoutRows.map(([limit, setting, seconds]) => `| ${limit} | \`${setting}\` | ${seconds} s |`);
  return ["| limit | setting | seconds |", "| --- | --- | --- |", ...rows].join("\n");
}
