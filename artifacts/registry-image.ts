import { archivePath } from "./locked.ts";
import lockContent from "./registry-image.lock.json" with { type: "json" };

/** The one registry image that the nodes run: what to build, and the hashes of the result. */
export interface RegistryImageLock {
  /** Release of distribution, such as `3.1.2`. */
  readonly version: string;
  /** When it was released, which is the time stamp of everything in the image. */
  readonly released: string;
  /** Exact Go toolchain, such as `go1.26.11`. */
  readonly goVersion: string;
  readonly binarySha256: string;
  readonly archiveSha256: string;
  /** Id of the loaded image: `sha256:...`. */
  readonly imageId: string;
}

/** The registry image of this version of the project. */
export const registryImage = {
  ...(lockContent as RegistryImageLock),
  /** Name and tag of the loaded image. */
  reference: registryImageReference(lockContent.version),
  /** The archive in the cache, for `docker load`; `ensureRegistryImage` puts it there. */
  archivePath: () => archivePath(lockContent.archiveSha256),
} as const;

export function registryImageReference(version: string): string {
  return `registry-cluster/registry:${version}`;
}
