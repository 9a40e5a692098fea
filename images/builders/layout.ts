import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "../../registry/client.ts";
import { uploadLayout } from "../../registry/upload.ts";
import type { PushProps } from "./builder.ts";

/** Options for Docker's and BuildKit's own client: export the image as files, dated like the image. */
export const toLayout = (layout: string) => ["--output", `type=oci,dest=${layout},tar=false,rewrite-timestamp=true`];

/**
 * Pushes the image of an OCI layout that BuildKit has exported. Our own client does so, because what BuildKit trusts is
 * configured where it runs, which may be another machine.
 *
 * @returns the manifest's digest
 */
export async function pushLayout(layout: string, { name, tag, login, caFile }: PushProps): Promise<string> {
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  const registry = new Registry({ name, login, caFile });
  try {
    await uploadLayout(registry, layout, manifests[0], tag);
  } finally {
    registry.close();
  }
  return manifests[0].digest;
}
