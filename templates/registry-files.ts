import { provisioningKeys } from "../topology/names.ts";
import { ports } from "../topology/ports.ts";
import { users } from "../topology/roles.ts";
import { s3Host } from "../topology/s3-host.ts";
import type { ClusterNode, Topology } from "../topology/topology.ts";
import type { NodeFile } from "./node-file.ts";
import { packetRules } from "./packet-rules.ts";

/** The image that the registry nodes run, as an archive in the provisioning bucket. */
export interface RegistryImage {
  /** Release of distribution, such as `3.1.2`. */
  readonly version: string;
  /** Hash of the archive, 64 hexadecimal digits. */
  readonly archiveSha256: string;
  /** Docker's id of the loaded image: `sha256:` and 64 hexadecimal digits. */
  readonly imageId: string;
}

/** How many repositories the registry lists at most in one response. */
export const longestPage = 1000;

/** How long uploads and downloads in flight may go on when a registry stops. */
const drainSec = 60;

/** Files of a registry only. */
export function registryFiles(
  { config, provisioningBucket }: Topology,
  node: ClusterNode,
  image: RegistryImage,
): NodeFile[] {
  return [
    packetRules("registry"),
    {
      path: "/etc/distribution/config.yml",
      template: "registry/config.yml.njk",
      context: {
        domainName: config.domainName,
        region: config.region,
        s3Host: s3Host(config.region),
        bucket: config.storage.bucket,
        prefix: config.storage.prefix,
        kmsKeyArn: config.storage.kmsKeyArn ?? null,
        privateIp: node.privateIp,
        ports,
        drainSec,
        longestPage,
      },
    },
    {
      path: "/etc/systemd/system/registry.service",
      template: "registry/registry.service.njk",
      context: { uid: users.registry, version: image.version, imageId: image.imageId, stopSec: drainSec + 10 },
    },
    {
      path: "/etc/registry-cluster/registry-image.env",
      template: "registry/registry-image.env.njk",
      context: {
        imageId: image.imageId,
        sha256: image.archiveSha256,
        url: `s3://${provisioningBucket}/${provisioningKeys.image(image.archiveSha256)}`,
      },
    },
    { path: "/etc/docker/daemon.json", template: "registry/docker-daemon.json.njk", context: {} },
  ];
}
