import type { ImageName } from "../../config/image-name.ts";
import type { PlacedSecret } from "../build-secrets.ts";

export interface BuildProps {
  /** Absolute, as is the Dockerfile. */
  readonly context: string;
  readonly dockerfile: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Files that only a RUN that asks for one sees. */
  readonly secrets: readonly PlacedSecret[];
  /** As `linux/arm64`. @default - that of this machine */
  readonly platforms: readonly string[];
  /** What files and the image itself are dated, in seconds since 1970. */
  readonly epochSec: number;
  /** A new folder that nobody else can read, for what is in between. */
  readonly folder: string;
  /** Whether to attach how it was built, and from what. Only of builders that attest. */
  readonly provenance: boolean;
  /** Whether to attach a list of what is in it. Only of builders that attest. */
  readonly sbom: boolean;
  /** Names the repository and the commit. What a RUN of another one has left in a cache must not be used. */
  readonly cacheScope: string;
  /** Whether base images may be pulled with this machine's logins, where the builder would otherwise not learn them. */
  readonly loginForBases: boolean;
  /** What to call it where it stays. @default - it is pushed, and goes with the folder */
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
  /** As people know it: `buildah 1.28.2`. */
  readonly version: string;
  /** Whether it can attach provenance and a software bill of materials. */
  readonly attests: boolean;
  /** @returns what `push` calls the image. One that is not kept lies in the build's folder, and goes with it. @throws OperatorError with the end of what the build printed */
  build(props: BuildProps): Promise<string>;
  /** Layers first, and the manifest last: until then nobody sees the tag. @returns the manifest's digest */
  push(image: string, props: PushProps): Promise<string>;
}
