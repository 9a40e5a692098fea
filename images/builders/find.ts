import { OperatorError } from "../../common/errors.ts";
import { findBuildDaemons } from "./build-daemons.ts";
import { findBuildah } from "./buildah.ts";
import type { Builder } from "./builder.ts";
import { findBuildkit } from "./buildkit.ts";

/** In the order in which they are tried. */
const finders = { buildkit: findBuildkit, buildah: findBuildah } as const;

export interface WantedBuilder {
  /** `buildkit` or `buildah`. @default - the first one installed */
  readonly name?: string;
  /** Folder with the sockets of daemons that each serve one build. If given, no other builder is used. */
  readonly daemons?: string;
  /** Whether it must be able to attach provenance or a bill of materials. */
  readonly attests: boolean;
}

/**
 * The builder of this machine.
 *
 * @throws OperatorError if there is none, or none that can do what is wanted
 */
export async function findBuilder({ name, daemons, attests }: WantedBuilder): Promise<Builder> {
  if (daemons !== undefined) return findBuildDaemons(daemons);
  const names = Object.keys(finders) as (keyof typeof finders)[];
  const wanted = name === undefined ? names : names.filter((known) => known === name);
  if (wanted.length === 0) {
    throw new OperatorError(`there is no builder '${name}'`, { fix: `one of ${names.join(", ")}` });
  }
  for (const each of wanted) {
    const builder = await finders[each]();
    if (builder && (builder.attests || !attests)) return builder;
  }
  if (attests) {
    throw new OperatorError("no builder here can attach provenance or a bill of materials", {
      cause: `that needs BuildKit${name === undefined || name === "buildkit" ? ", and docker buildx inspect finds none running" : `, and not ${name}`}`,
      fix: "docker buildx create --driver docker-container --bootstrap --use",
    });
  }
  throw new OperatorError(`nothing here builds images: no ${wanted.join(", no ")}`, {
    fix: "install buildah (apt-get install buildah), or Docker with buildx",
  });
}
