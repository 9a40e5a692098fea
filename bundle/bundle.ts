import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Contents, renderTree } from "../templates/render-tree.ts";
import { provisioningKeys } from "../topology/names.ts";
import { nodesOf, type Topology } from "../topology/topology.ts";
import { archiveFiles, readFiles } from "./archive.ts";
import { builderProgram } from "./builder-program.ts";
import { pointerText } from "./pointer.ts";

const saltDir = join(import.meta.dirname, "..", "salt");
const applyScript = join(import.meta.dirname, "apply");
const convergeScript = join(saltDir, "converge", "files", "registry-cluster-converge");

/** Everything that nodes need to become what the config describes, except secrets and archives. */
export interface Bundle {
  /** Hash of the archive, which is also its name: a bundle never changes. */
  readonly sha256: string;
  /**
   * A tar with `apply`, `salt/` and `rendered/<node>/`. The same input gives the same bytes on every machine, so it is
   * not compressed: that depends on the version of zlib, and would save only a few hundred kilobytes.
   */
  readonly archive: Buffer;
  /** Text of the pointer to this bundle, which also shows every rendered file. */
  readonly pointerText: string;
  /** Text of the script that fetches and applies bundles. User data downloads it from the bucket. */
  readonly convergeScript: string;
}

/** Packs the Salt states and all rendered files of a cluster. */
export async function buildBundle(topology: Topology, contents: Contents): Promise<Bundle> {
  const tree = renderTree(topology, contents);
  const archive = await archiveFiles({
    apply: readFileSync(applyScript),
    ...prefixed("salt", readFiles(saltDir)),
    ...prefixed("rendered", tree),
    ...(nodesOf(topology, "builder").length > 0
      ? { "salt/builder/files/registry-cluster.mjs": await builderProgram() }
      : {}),
  });
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return {
    sha256,
    archive,
    pointerText: pointerText(provisioningKeys.bundle(sha256), sha256, tree),
    convergeScript: readFileSync(convergeScript, "utf8"),
  };
}

function prefixed<T>(prefix: string, files: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}/${path}`, content]));
}
