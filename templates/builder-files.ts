import { provisioningKeys } from "../topology/names.ts";
import { type ClusterNode, nodesOf, type Topology } from "../topology/topology.ts";
import type { NodeFile } from "./node-file.ts";
import { packetRules } from "./packet-rules.ts";

/** What a builder needs to know besides the topology. */
export interface BuilderContents {
  /** BuildKit's programs, as an archive in the provisioning bucket. */
  readonly buildkit: { readonly archiveSha256: string };
  /** The file that lists what the builder builds. @default - there is no builder */
  readonly builds?: { readonly text: string; readonly concurrency: number };
}

/** Slots of a builder: its concurrent builds, counted from 1. */
export function slotsOf({ builds }: BuilderContents): number[] {
  return [...Array(builds?.concurrency ?? 1).keys()].map((slot) => slot + 1);
}

/** Home of the watch's user, with the logins for git. */
const home = "/var/lib/image-watch";
/** Docker's config folder, with the logins for registries. */
const loginFolder = "/etc/image-watch";
/** Folder of the sockets, one for each slot. */
const socketFolder = "/run/image-build";

/** Files of the builder only. */
export function builderFiles(topology: Topology, { privateIp }: ClusterNode, contents: BuilderContents): NodeFile[] {
  const { buildkit, builds = { text: "" } } = contents;
  const { config, provisioningBucket } = topology;
  return [
    { path: `${loginFolder}/builds.yml`, template: "builder/builds.yml.njk", context: { builds: builds.text } },
    {
      path: `${loginFolder}/builder.yml`,
      template: "builder/builder.yml.njk",
      context: {
        domainName: config.domainName,
        addresses: nodesOf(topology, "proxy").map(({ privateIp }) => privateIp),
        slots: slotsOf(contents).length,
      },
    },
    packetRules("builder", "builder/nftables.conf.njk", {
      slots: slotsOf(contents),
      privateIp,
    }),
    {
      path: "/etc/registry-cluster/buildkit.env",
      template: "builder/buildkit.env.njk",
      context: {
        sha256: buildkit.archiveSha256,
        url: `s3://${provisioningBucket}/${provisioningKeys.programs(buildkit.archiveSha256)}`,
      },
    },
    {
      path: "/etc/image-build/buildkitd.toml",
      template: "builder/buildkitd.toml.njk",
      context: { domainName: config.domainName, caFile: `${loginFolder}/ca.crt` },
    },
    {
      path: "/etc/systemd/system/image-build@.socket",
      template: "builder/image-build@.socket.njk",
      context: { socketFolder },
    },
    {
      path: "/etc/systemd/system/image-build@.service",
      template: "builder/image-build@.service.njk",
      context: { home, loginFolder },
    },
    {
      path: "/etc/systemd/system/image-watch.service",
      template: "builder/image-watch.service.njk",
      context: { home, loginFolder, socketFolder },
    },
  ];
}
