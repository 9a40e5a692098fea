import type { ImageName } from "../../config/image-name.ts";
import type { PlacedSecret } from "../build-secrets.ts";

export interface BuildProps {
  /** Absolute, as is the Dockerfile. */
  readonly context: string;
  readonly dockerfile: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Only a RUN that asks for a secret sees it. */
  readonly secrets: readonly PlacedSecret[];
  /** Such as `linux/arm64`. @default - that of this machine */
  readonly platforms: readonly string[];
  /** The date of the files and of the image itself, in seconds since 1970. */
  readonly epochSec: number;
  /** A new folder that nobody else can read, for temporary files. */
  readonly folder: string;
  /** Whether to attach how it was built, and from what. Only for builders that attest. */
  readonly provenance: boolean;
  /** Whether to attach a list of what is in it. Only for builders that attest. */
  readonly sbom: boolean;
  /** Names the repository and the commit, so that no RUN uses cache folders of another. */
  readonly cacheScope: string;
  /** Whether a builder that does not see this machine's logins may use them to pull base images. */
  readonly loginForBases: boolean;
  /** Its name in the builder's store. @default - it is not kept there, and is removed with the folder */
  readonly keptAs?: string;
  readonly onOutput: (line: string) => void;
}

export interface PushProps {
  readonly name: ImageName;
  readonly tag: string;
  /** `user:password` */
  readonly login?: string;
  readonly caFile?: string;
  readonly folder: string;
}

/** A program that builds images. */
export interface Builder {
  /** Name and version, such as `buildah 1.28.2`. */
  readonly version: string;
  /** Whether it can attach provenance and a software bill of materials. */
  readonly attests: boolean;
  /** @returns the image, as `push` expects it. One that is not kept is removed with the build's folder. @throws OperatorError with the last lines of the build */
  build(props: BuildProps): Promise<string>;
  /** Pushes layers first and the manifest last: nobody sees the tag before that. @returns the manifest's digest */
  push(image: string, props: PushProps): Promise<string>;
}
