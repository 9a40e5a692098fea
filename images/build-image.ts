import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { OperatorError } from "../common/errors.ts";
import type { StepRunner } from "../common/step.ts";
import { withTemporaryFolder } from "../common/temporary-folder.ts";
import { secretArgs } from "../config/builds.ts";
import { parseRepository, type Repository } from "../config/git-repository.ts";
import { type BuildSecret, placeSecrets } from "./build-secrets.ts";
import type { Builder } from "./builders/builder.ts";
import { findBuilder } from "./builders/find.ts";
import { checkOut, resolveSource, type Source, type WorkTree } from "./git/checkout.ts";
import type { Ref } from "./git/refs.ts";
import { isOutside } from "./git/tree.ts";
import { labelsOf, shortTag, sourceArgs } from "./labels.ts";
import { type Published, Publisher } from "./publish.ts";

export interface BuildImageProps {
  /** URL or folder of a git repository. */
  readonly repository: string;
  /** Tag, branch or commit; or a ref that the repository has listed. */
  readonly ref: string | Ref;
  /** Relative to the context's folder. @default Dockerfile */
  readonly file?: string;
  /** A folder of the repository. @default - the whole of it */
  readonly context?: string;
  /** Such as `linux/arm64`. @default - that of this machine */
  readonly platforms?: readonly string[];
  /** Everyone can see them in the image, so anything that looks like a secret is refused. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** A RUN may read them; the image does not keep them. */
  readonly secrets?: readonly BuildSecret[];
  /** `HOST[:PORT]/PATH`. @default - nothing is pushed, and the image stays with the builder */
  readonly push?: string;
  /** Certificate of the registry's authority. @default - what this machine trusts, and certs.d of Docker and Podman */
  readonly caFile?: string;
  /** `buildkit` or `buildah`; or a builder already found. @default - the first one installed */
  readonly builder?: string | Builder;
  /** Whether to attach how the image was built, and from what. The digest then differs each time. @default false */
  readonly provenance?: boolean;
  /** Whether to attach a list of the software in it. @default false */
  readonly sbom?: boolean;
  /** Key for cosign: a file, or the URI of a KMS. @default - the image is not signed */
  readonly sign?: string;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
  /** Whether a tag may move to the image of another commit. */
  readonly moveTag?: boolean;
  /** Whether a builder that does not see this machine's logins may use them to pull base images. @default false */
  readonly loginForBases?: boolean;
  readonly insecureGit?: boolean;
}

export interface BuiltImage {
  readonly commit: string;
  readonly ref: { readonly kind: Source["kind"]; readonly name: string };
  /** Undefined if the image existed before. */
  readonly builder?: string;
  /** For an image that was not pushed: its name in the builder's store. */
  readonly image?: string;
  readonly published?: Published;
  /** What a reader of the repository would expect in the image, and is missing. */
  readonly warnings?: readonly string[];
}

/**
 * Builds an image of one commit, and pushes it as `NAME:TAG` and `NAME:git-COMMIT`. Leaves an existing image as it is. Always
 * removes its work tree.
 *
 * @throws OperatorError if anything cannot be fetched, read, built or pushed; then no tag was made
 */
export async function buildImage(props: BuildImageProps, step: StepRunner): Promise<BuiltImage> {
  const repository = parseRepository(props.repository, { insecure: props.insecureGit });
  refuseSecretArgs(props.buildArgs);
  const publisher = props.push === undefined ? undefined : await Publisher.open(props.push, props.caFile);
  try {
    return await withTemporaryFolder("build", (folder) => buildIn({ ...props, repository, publisher, folder }, step));
  } finally {
    publisher?.close();
  }
}

interface BuildInProps extends Omit<BuildImageProps, "repository"> {
  readonly repository: Repository;
  readonly publisher: Publisher | undefined;
  readonly folder: string;
}

async function buildIn(props: BuildInProps, step: StepRunner): Promise<BuiltImage> {
  const { publisher, folder, submodules, lfs, moveTag, sign } = props;
  const source = await sourceOf(props, step);
  const { commit, kind, name } = source;
  const there = await publisher?.find(source, moveTag);
  if (there) {
    if (sign) await publisher?.sign(there, { key: sign, folder }, step);
    return { commit, ref: { kind, name }, published: there };
  }

  const builder = await builderOf(props);
  const tree = await step(`Files of ${commit.slice(0, 12)}`, () => checkOut({ source, folder, submodules, lfs }));
  const image = await step(`Build with ${builder.version}`, (onOutput) => build(builder, tree, props, onOutput));
  const built = { commit, ref: { kind, name }, builder: builder.version, warnings: tree.warnings };
  if (!publisher) return { ...built, image };
  const published = await step(`Push to ${publisher.place}`, () =>
    publisher.publish({ source, builder, image, folder, moveTag }),
  );
  if (sign) await publisher.sign(published, { key: sign, folder }, step);
  return { ...built, published };
}

async function sourceOf({ repository, ref, folder }: BuildInProps, step: StepRunner): Promise<Source> {
  if (typeof ref !== "string") return { ...ref, repository };
  return step(`Commit of ${ref}`, () => resolveSource(repository, ref, folder));
}

async function builderOf({ builder, provenance, sbom }: BuildInProps): Promise<Builder> {
  if (typeof builder === "object") return builder;
  return findBuilder({ name: builder, attests: Boolean(provenance || sbom) });
}

function build(
  builder: Builder,
  tree: WorkTree,
  {
    file = "Dockerfile",
    context = ".",
    platforms = [],
    buildArgs = {},
    secrets = [],
    folder,
    publisher,
    ...props
  }: BuildInProps,
  onOutput: (line: string) => void,
): Promise<string> {
  const contextFolder = inTree(tree.folder, context, "--context");
  if (!statSync(contextFolder).isDirectory()) throw notThere("--context", context, "it is a file, not a folder");
  const dockerfile = inTree(tree.folder, join(context, file), "--file");
  if (!statSync(dockerfile).isFile()) throw notThere("--file", file, "it is a folder, not a file");
  return builder.build({
    ...{ context: contextFolder, dockerfile, platforms, folder },
    buildArgs: { ...sourceArgs(tree), ...buildArgs },
    ...{ provenance: props.provenance ?? false, sbom: props.sbom ?? false },
    loginForBases: props.loginForBases ?? false,
    secrets: placeSecrets(secrets, folder),
    keptAs: publisher ? undefined : `localhost/registry-cluster-build:${shortTag(tree.source.commit)}`,
    labels: labelsOf(tree),
    cacheScope: `${tree.source.repository.url}@${tree.source.commit}`,
    epochSec: tree.committedSec,
    onOutput,
  });
}

function refuseSecretArgs(buildArgs: BuildImageProps["buildArgs"] = {}): void {
  const [name] = secretArgs(buildArgs);
  if (name === undefined) return;
  throw new OperatorError(`the build argument ${name} looks like a secret`, {
    cause: "everyone can see arguments in the image and its history",
    fix: `--secret id=${name.toLowerCase()},env=${name}, and RUN --mount=type=secret,id=${name.toLowerCase()} in the Dockerfile`,
  });
}

/** Resolves a path of the repository, following links. */
function inTree(tree: string, path: string, option: string): string {
  const full = resolve(tree, path);
  if (isOutside(tree, full)) throw notThere(option, path, "it is outside of the repository");
  if (!existsSync(full)) throw notThere(option, path, "the commit has no such file");
  const real = realpathSync(full);
  if (isOutside(realpathSync(tree), real)) throw notThere(option, path, "it leads out of the repository");
  return real;
}

const notThere = (option: string, path: string, cause: string) =>
  new OperatorError(`cannot build from ${option} ${path}`, {
    cause,
    fix: `give a path of the repository to ${option}`,
  });
