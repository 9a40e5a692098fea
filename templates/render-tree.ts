import type { Role } from "../topology/roles.ts";
import type { ClusterNode, Topology } from "../topology/topology.ts";
import { bastionFiles } from "./bastion-files.ts";
import { type BuilderContents, builderFiles } from "./builder-files.ts";
import { checksFile } from "./checks-file.ts";
import { commonFiles } from "./common-files.ts";
import type { NodeFile } from "./node-file.ts";
import { proxyFiles } from "./proxy-files.ts";
import { type RegistryImage, registryFiles } from "./registry-files.ts";
import { render } from "./renderer.ts";

/** What is rendered besides the topology. */
export interface Contents extends BuilderContents {
  readonly registryImage: RegistryImage;
}

/**
 * Renders every file that the nodes get, apart from those with secrets.
 *
 * @returns text by `<node>/<path on the node>`, sorted
 */
export function renderTree(topology: Topology, contents: Contents): Record<string, string> {
  const texts = topology.nodes.flatMap((node) =>
    nodeFiles(topology, node, contents).map(({ path, template, context }): [string, string] => [
      `${node.name}${path}`,
      render(template, context),
    ]),
  );
  return Object.fromEntries(texts.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Files of each role, besides those of every node. */
const filesOf: Readonly<Record<Role, (topology: Topology, node: ClusterNode, contents: Contents) => NodeFile[]>> = {
  bastion: bastionFiles,
  registry: (topology, node, { registryImage }) => registryFiles(topology, node, registryImage),
  proxy: proxyFiles,
  builder: builderFiles,
};

/** Every file of a node, before it is rendered. */
export function nodeFiles(topology: Topology, node: ClusterNode, contents: Contents): NodeFile[] {
  return [
    ...commonFiles(topology, node),
    checksFile(topology, node, contents),
    ...filesOf[node.role](topology, node, contents),
  ];
}
