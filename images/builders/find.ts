import { OperatorError } from "../../operator/errors.ts";
import { findBuildah } from "./buildah.ts";
import type { Builder } from "./builder.ts";

/** In the order in which they are tried. */
const finders = { buildah: findBuildah } as const;

/**
 * The builder of this machine.
 *
 * @param wanted `buildah`. @default - the first that is there
 * @throws OperatorError where there is none
 */
export async function findBuilder(wanted?: string): Promise<Builder> {
  const names = wanted === undefined ? Object.keys(finders) : [wanted];
  for (const name of names) {
    if (!Object.hasOwn(finders, name)) {
      throw new OperatorError(`there is no builder '${name}'`, { fix: `one of ${Object.keys(finders).join(", ")}` });
    }
    const builder = await finders[name as keyof typeof finders]();
    if (builder) return builder;
  }
  throw new OperatorError(`nothing here builds images: no ${names.join(", no ")}`, {
    fix: "install buildah (apt-get install buildah)",
  });
}
