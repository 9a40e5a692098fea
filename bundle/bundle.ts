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

/** Everything that the nodes fetch to become what the config says, secrets and the registry image apart. */
export interface Bundle {
  /** Of the archive. It is the archive's name too, so a bundle never changes. */
  readonly sha256: string;
  /**
   * A tar with `apply`, `salt/` and `rendered/<node>/`: the same bytes for the same input on every machine. Not
   * compressed, because another zlib would give other bytes, and a few hundred kilobytes are nothing.
   */
  readonly archive: Buffer;
  /** Text of the object that names this bundle as the current one, and shows every rendered file. */
  readonly pointerText: string;
  /** Text of the script that fetches and applies bundles. User data fetches it from the bucket. */
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
