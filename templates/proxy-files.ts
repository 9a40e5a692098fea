import { dirname } from "node:path/posix";
import { proxyCapacity } from "../config/capacity.ts";
import { proxyHealth, registryHealth } from "../topology/health.ts";
import { registryFolders, serviceAddressRole } from "../topology/names.ts";
import { ports } from "../topology/ports.ts";
import { bucketHost } from "../topology/s3-host.ts";
import { nginxChecks, timeouts } from "../topology/timeouts.ts";
import { type ClusterNode, nodesOf, type Topology } from "../topology/topology.ts";
import { jsonFile, type NodeFile } from "./node-file.ts";
import { packetRules } from "./packet-rules.ts";
import { longestPage } from "./registry-files.ts";
import { failuresOfS3, headersOfS3 } from "./s3-answers.ts";

const vrrpInstance = "service";
const notifyFifo = "/run/eip-keeper/vrrp.fifo";
/** Whether this proxy serves, as keepalived and the keeper ask. */
export const healthUrl = `http://127.0.0.1:${ports.proxyHealth}${proxyHealth.path}`;

/** Where the keeper notes the VRRP state. */
export const keeperStateFile = "/run/eip-keeper/state";

/** Exists while this proxy is master. The other proxies request it from nginx through HAProxy, so it also shows that both serve. */
const masterFile = "/run/eip-keeper/master";
const masterPath = "/master";

/** Contain 1 from when a service is asked to stop until it has started again. keepalived requires that their folder exists. */
const leavingFiles = { haproxy: "/run/haproxy-leaving", nginx: "/run/nginx-leaving" };

/** Reloads nginx and HAProxy. */
const gentleReload = "/usr/local/lib/registry-cluster/gentle-reload";

/** Exists while nginx closes each connection after its next response, before a reload. */
const closingFlag = "/run/nginx-closing";

/** How long a stopping proxy continues to serve while the service address moves. Enough for a slow API call. */
const leavingSec = 3;

/** How long requests in flight may then take to finish. */
const finishSec = 20;

/** If nginx crashes within this time after its start, the service address moves at once, without waiting for restarts. */
const stableSec = 10;

/** An AssociateAddress call that takes longer counts as failed and is repeated. */
const apiTimeoutSec = 3;

/** nginx's blob cache. Its parent exists on every Debian, because nginx creates only the last folder of the path. */
export const blobCacheFolder = "/var/cache/nginx-blobs";

/** Exists while so little space is free that nginx must not write into its cache. Blobs that are being cached still need space. */
const diskFullFlag = "/run/disk-guard/full";
const leastFreeMib = 768;

/** Files of a proxy only. */
export function proxyFiles(topology: Topology, node: ClusterNode): NodeFile[] {
  return [
    packetRules("proxy"),
    haproxyConfig(topology, node),
    {
      path: "/etc/systemd/system/haproxy.service.d/60-registry-cluster.conf",
      template: "proxy/haproxy.service.njk",
      context: { gentleReload, leavingFile: leavingFiles.haproxy, leavingSec },
    },
    nginxConfig(topology, node),
    {
      path: "/etc/tmpfiles.d/nginx-blobs.conf",
      template: "proxy/nginx-blobs.conf.njk",
      context: { blobCacheFolder, hasBlobCache: hasBlobCache(topology) },
    },
    {
      path: "/etc/systemd/system/disk-guard.service",
      template: "proxy/disk-guard.service.njk",
      context: { folder: dirname(blobCacheFolder), leastMib: leastFreeMib, flag: diskFullFlag },
    },
    {
      path: "/etc/systemd/system/nginx.service.d/60-registry-cluster.conf",
      template: "proxy/nginx.service.njk",
      context: { gentleReload, closingFlag, leavingFile: leavingFiles.nginx, leavingSec, finishSec, stableSec },
    },
    keepalivedConfig(topology, node),
    {
      path: "/etc/systemd/system/keepalived.service.d/60-registry-cluster.conf",
      template: "proxy/keepalived.service.njk",
      context: {},
    },
    eipKeeperConfig(topology),
    {
      path: "/etc/systemd/system/eip-keeper.service",
      template: "proxy/eip-keeper.service.njk",
      context: { fifo: notifyFifo },
    },
  ];
}

function haproxyConfig(topology: Topology, node: ClusterNode): NodeFile {
  const { config } = topology;
  const context = {
    domainName: config.domainName,
    privateIp: node.privateIp,
    ...proxyCapacity(node.instanceType),
    connectionsPerClient: config.proxies.connectionsPerClient,
    proxies: nodesOf(topology, "proxy"),
    registries: nodesOf(topology, "registry"),
    masterPath,
    nginxChecks,
    proxyHealth,
    registryHealth,
    timeouts,
    ports,
  };
  return { path: "/etc/haproxy/haproxy.cfg", template: "proxy/haproxy.cfg.njk", context };
}

function hasBlobCache({ config }: Topology): boolean {
  return config.proxies.blobCacheGiB > 0 && !config.storage.redirect;
}

/** Locations that deliver blobs from S3: one may add them to the cache, the other only reads from it. */
function blobLocations(topology: Topology): { name: string; keeps: boolean }[] {
  if (topology.config.storage.redirect) return [];
  if (!hasBlobCache(topology)) return [{ name: "@blob", keeps: false }];
  return [
    { name: "@blob", keeps: true },
    { name: "@blob_to_pass", keeps: false },
  ];
}

function nginxConfig(topology: Topology, node: ClusterNode): NodeFile {
  const { config, resolverIp } = topology;
  const context = {
    domainName: config.domainName,
    resolverIp,
    followsRedirects: !config.storage.redirect,
    bucketHost: bucketHost(config.storage.bucket, config.region),
    blobsPath: `/${registryFolders(config.storage.prefix).blobs}`,
    blobLocations: blobLocations(topology),
    s3Headers: headersOfS3,
    failures: failuresOfS3.join(" "),
    longestPage,
    hasBlobCache: hasBlobCache(topology),
    blobCacheFolder,
    diskFullFlag,
    blobCacheGiB: config.proxies.blobCacheGiB,
    masterFile,
    masterPath,
    closingFlag,
    privateIp: node.privateIp,
    connections: proxyCapacity(node.instanceType).connections,
    connectionsPerClient: config.proxies.connectionsPerClient,
    refusalsPerSec: Math.ceil(config.proxies.connectionsPerClient / 20),
    proxyIps: nodesOf(topology, "proxy").map((proxy) => proxy.privateIp),
    registryIps: nodesOf(topology, "registry").map((registry) => registry.privateIp),
    timeouts,
    ports,
  };
  return { path: "/etc/nginx/nginx.conf", template: "proxy/nginx.conf.njk", context };
}

function keepalivedConfig(topology: Topology, node: ClusterNode): NodeFile {
  const { vrrp } = topology.config;
  const context = {
    vrrpInstance,
    notifyFifo,
    healthUrl,
    leavingFiles,
    routerId: vrrp.routerId,
    // Distinct on every node: the address would decide between equal priorities, which hides mistakes.
    priority: 200 - node.number,
    advertIntervalSec: vrrp.advertInterval.seconds,
    downAfterAdverts: vrrp.downAfterAdverts,
    // keepalived accepts only whole seconds here.
    checkIntervalSec: vrrp.checkInterval.seconds,
    checkTimeoutSec: vrrp.checkTimeout.seconds,
    checkFall: vrrp.checkFall,
    checkRise: vrrp.checkRise,
    privateIp: node.privateIp,
    peerIps: nodesOf(topology, "proxy")
      .filter((proxy) => proxy !== node)
      .map((proxy) => proxy.privateIp),
  };
  return { path: "/etc/keepalived/keepalived.conf", template: "proxy/keepalived.conf.njk", context };
}

function eipKeeperConfig({ config }: Topology): NodeFile {
  const keeperConfig = {
    region: config.region,
    cluster: config.name,
    addressRole: serviceAddressRole,
    instance: vrrpInstance,
    fifo: notifyFifo,
    healthUrl,
    peerUrl: `http://{peer}:${ports.proxyMetrics}${masterPath}`,
    masterFile,
    stateFile: keeperStateFile,
    reconcileIntervalSec: config.vrrp.reconcileInterval.seconds,
    apiTimeoutSec,
  };
  return jsonFile("/etc/eip-keeper/config.json", keeperConfig);
}
