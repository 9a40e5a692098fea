import { proxyHealth, registryHealth } from "../topology/health.ts";
import { ports } from "../topology/ports.ts";
import { type Role, roles } from "../topology/roles.ts";
import { type ClusterNode, nodesOf, type Topology } from "../topology/topology.ts";
import { type BuilderContents, slotsOf } from "./builder-files.ts";
import { jsonFile, type NodeFile } from "./node-file.ts";
import { healthUrl, keeperStateFile } from "./proxy-files.ts";

/** An HTTP request that a healthy node answers with a certain status. */
interface CheckedRequest {
  readonly what: string;
  readonly url: string;
  readonly host: string;
  readonly status: number;
  /** Whether it begins with a header of the PROXY protocol. @default false */
  readonly proxyProtocol?: true;
  /** It counts only while one of these is answered: otherwise the fault is another node's. @default - it always counts */
  readonly given?: readonly CheckedRequest[];
}

/** What a node's program `registry-cluster-check` reads: all that must be true of a healthy node. */
interface Checks {
  /** For how long everything must be well, in seconds. */
  readonly settledSec: number;
  /** systemd units that must be active. */
  readonly units: readonly string[];
  /** Servers that greet whoever connects. */
  readonly greetings: readonly { what: string; address: string; port: number; begins: string }[];
  readonly requests: readonly CheckedRequest[];
  /** Files that must not contain a text. They need not exist. */
  readonly files: readonly { what: string; path: string; without: string }[];
}

/** How a node checks itself: it sends its services the requests that other nodes and clients send. */
export function checksFile(topology: Topology, node: ClusterNode, contents: BuilderContents): NodeFile {
  const checks: Checks = {
    settledSec: settledSec(topology),
    units: [...roles[node.role].services, ...(node.role === "builder" ? slotUnits(contents) : [])],
    greetings: [{ what: "ssh", address: "127.0.0.1", port: ports.ssh, begins: "SSH-2.0-" }],
    requests: requestsOf[node.role](topology, node),
    files: node.role === "proxy" ? [{ what: "keepalived is in FAULT", path: keeperStateFile, without: '"FAULT"' }] : [],
  };
  return jsonFile("/etc/registry-cluster/checks.json", checks);
}

/** Longer than keepalived takes to see that its health check fails, but no more than a minute. */
const settledSec = ({ config: { vrrp } }: Topology) => Math.min(60, 3 + vrrp.checkInterval.seconds * vrrp.checkFall);

const slotUnits = (contents: BuilderContents) => slotsOf(contents).map((slot) => `image-build@${slot}.socket`);

const requestsOf: Readonly<Record<Role, (topology: Topology, node: ClusterNode) => CheckedRequest[]>> = {
  bastion: () => [],
  registry: ({ config }, node) => [registryRequest(config.domainName, node)],
  proxy: proxyRequests,
  builder: () => [],
};

/** As HAProxy asks a registry. */
function registryRequest(host: string, { name, privateIp }: ClusterNode): CheckedRequest {
  const { path, status } = registryHealth;
  return { what: name, url: `http://${privateIp}:${ports.registry}${path}`, host, status };
}

function proxyRequests(topology: Topology, { privateIp }: ClusterNode): CheckedRequest[] {
  const host = topology.config.domainName;
  const { path, status } = proxyHealth;
  const nginx = `${privateIp}:${ports.proxyL7}`;
  return [
    { what: "HAProxy, as keepalived asks it", url: healthUrl, host, status },
    { what: "nginx, as HAProxy asks it", url: `http://${nginx}${path}`, host, status, proxyProtocol: true },
    {
      what: "nginx, as clients ask it",
      url: `https://${nginx}${registryHealth.path}`,
      host,
      status: registryHealth.status,
      proxyProtocol: true,
      given: nodesOf(topology, "registry").map((registry) => registryRequest(host, registry)),
    },
    { what: "HAProxy, as clients ask it", url: `https://127.0.0.1:${ports.https}${path}`, host, status },
  ];
}
