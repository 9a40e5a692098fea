import type { Topology } from "../config/topology.ts";
import type { NodeFile } from "./node-file.ts";

/** Where the builder keeps what it works with. */
const home = "/var/lib/builder";
/** A folder with the logins of registries, as Docker has it. */
const loginFolder = "/etc/image-watch";

/**
 * Files of the builder only.
 *
 * @param builds text of the file that says what it makes
 */
export function builderFiles({ config, proxies }: Topology, builds: string): NodeFile[] {
  return [
    { path: `${loginFolder}/builds.yml`, template: "builder/builds.yml.njk", context: { builds } },
    {
      path: `${loginFolder}/proxies.yml`,
      template: "builder/proxies.yml.njk",
      context: { domainName: config.domainName, addresses: proxies.map(({ privateIp }) => privateIp) },
    },
    {
      path: "/etc/systemd/system/image-watch.service",
      template: "builder/image-watch.service.njk",
      context: { home, loginFolder },
    },
  ];
}
