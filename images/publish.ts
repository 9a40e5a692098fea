import { OperatorError, PermanentError } from "../common/errors.ts";
import type { StepRunner } from "../common/step.ts";
import { type ImageName, imageTagOf, nameOf, parseImageName } from "../config/image-name.ts";
import { type Manifest, Registry } from "../registry/client.ts";
import { loginOf } from "../registry/login.ts";
import { certificateFileOf } from "../registry/trust.ts";
import type { Builder } from "./builders/builder.ts";
import type { Source } from "./git/checkout.ts";
import { refNameLabel, revisionLabel, shortTag } from "./labels.ts";
import { type SignProps, sign, signatureTagOf } from "./sign.ts";

/** Where an image is, and its tags. */
export interface Published {
  readonly name: string;
  readonly tags: readonly string[];
  readonly digest: string;
  /** `built` here, `existing` before, or made by `another` builder while this one built. */
  readonly by: "built" | "existing" | "another";
}

export interface PublishProps {
  readonly source: Source;
  readonly builder: Builder;
  readonly image: string;
  readonly folder: string;
  readonly moveTag?: boolean;
}

/** A git tag that has moved to another commit. Building again cannot mend that, but removing the image's tag can. */
export class MovedTagError extends OperatorError {}

/**
 * Images of one name in a registry. A registry has no locks and no conditional writes, so the push itself is the claim: a builder
 * uses an existing image of its commit, even one found just before pushing.
 */
export class Publisher {
  /** @param givenCaFile @default - the file where container tools look for it, if any */
  static async open(place: string, givenCaFile: string | undefined): Promise<Publisher> {
    const name = parseImageName(place);
    const caFile = givenCaFile ?? certificateFileOf(name);
    const login = await loginOf(name);
    return new Publisher(name, login, caFile, new Registry({ name, login, caFile }));
  }

  private constructor(
    private readonly name: ImageName,
    private readonly login: string | undefined,
    private readonly caFile: string | undefined,
    private readonly registry: Registry,
  ) {}

  get place(): string {
    return nameOf(this.name);
  }

  close(): void {
    this.registry.close();
  }

  /**
   * Finds the image of a commit, and completes its tags.
   *
   * @throws OperatorError if the tag is on the image of another commit, and may not move
   */
  async find(source: Source, moveTag = false): Promise<Published | undefined> {
    const { main, commit } = tagsOf(source);
    const found = await this.registry.manifest(main);
    if (!found) return main === commit ? undefined : this.findClaim(source);
    const labels = await this.registry.labels(found);
    const revision = labels[revisionLabel];
    if (revision === source.commit) {
      if (main !== commit && !(await this.registry.manifest(commit))) await this.registry.tag(commit, found);
      return this.published(source, found.digest, "existing");
    }
    if (moveTag) return undefined;
    throw this.takenBy(labels, source);
  }

  /** The error for a tag that is on the image of another commit, according to that image's labels. */
  private takenBy(labels: Readonly<Record<string, string>>, source: Source): OperatorError {
    const { main } = tagsOf(source);
    const madeFor = labels[refNameLabel];
    if (source.kind === "tag" && madeFor !== undefined && madeFor !== source.name && tagOf(madeFor) === main) {
      return new PermanentError(`the git tags ${madeFor} and ${source.name} give the same image tag: ${main}`, {
        cause: `${this.place}:${main} is the image of ${madeFor}, which is another commit`,
        fix: "rename one of them, or build it by its commit",
      });
    }
    return new MovedTagError(`${this.place}:${main} is the image of another commit`, {
      cause: `it is of ${labels[revisionLabel] ?? "an unknown commit"}, and ${source.name} is now ${source.commit}`,
      fix: "make a new tag, or move this one with --move-tag",
    });
  }

  /** An image with the commit's tag that was built for this git tag has been pushed: only this tag is missing. */
  private async findClaim(source: Source): Promise<Published | undefined> {
    const { main, commit } = tagsOf(source);
    const claim = await this.registry.manifest(commit);
    if (!claim) return undefined;
    const labels = await this.registry.labels(claim);
    if (labels[revisionLabel] !== source.commit || labels[refNameLabel] !== source.name) return undefined;
    await this.registry.tag(main, claim);
    return this.published(source, claim.digest, "existing");
  }

  /** Pushes an image, and sets its tags last. */
  async publish({ source, builder, image, folder, moveTag }: PublishProps): Promise<Published> {
    const { name, login, caFile } = this;
    const { main, commit } = tagsOf(source);
    const taken = await this.find(source, moveTag);
    if (taken) return { ...taken, by: "another" };

    // The commit may already have an image, built for another of its tags.
    const isCommitTaken = main !== commit && (await this.registry.manifest(commit)) !== undefined;
    const first = isCommitTaken ? main : commit;
    const pushed = await this.pushed(await builder.push(image, { name, tag: first, login, caFile, folder }));
    if (first === main) return this.published(source, (await this.pushed(main)).digest, "built");
    if (!(await this.find(source, moveTag))) await this.registry.tag(main, pushed);
    return this.settled(source, pushed.digest);
  }

  /** Signs an image, unless it has a signature. The key is always the user's choice, even for an image that another builder made. */
  async sign(
    { digest }: Published,
    { key, folder }: Pick<SignProps, "key" | "folder">,
    step: StepRunner,
  ): Promise<void> {
    if (await this.registry.manifest(signatureTagOf(digest))) return;
    const { name, login, caFile } = this;
    await step(`Sign ${digest.slice(0, 19)}`, () => sign({ name, digest, key, login, caFile, folder }));
  }

  /**
   * If builders push at the same time, the last one sets the tag: whoever notices moves all tags to its image.
   *
   * @throws OperatorError if that is the image of another commit
   */
  private async settled(source: Source, own: string): Promise<Published> {
    const { main, commit } = tagsOf(source);
    let final = await this.pushed(main);
    for (let round = 0; round < 3; round++) {
      const labels = await this.registry.labels(final);
      if (labels[revisionLabel] !== source.commit) throw this.takenBy(labels, source);
      if ((await this.registry.manifest(commit))?.digest === final.digest) break;
      await this.registry.tag(commit, final);
      final = await this.pushed(main);
    }
    return this.published(source, final.digest, final.digest === own ? "built" : "another");
  }

  private published(source: Source, digest: string, by: Published["by"]): Published {
    const { main, commit } = tagsOf(source);
    return { name: this.place, tags: [...new Set([main, commit])], digest, by };
  }

  /** @param reference a tag or a digest */
  private async pushed(reference: string): Promise<Manifest> {
    const manifest = await this.registry.manifest(reference);
    if (manifest) return manifest;
    throw new OperatorError(`${reference} of ${this.place} was pushed, but is not there`, {
      fix: "see the registry's log; then build again",
    });
  }
}

/** @returns undefined if no image can have such a tag */
function tagOf(gitTag: string): string | undefined {
  try {
    return imageTagOf(gitTag);
  } catch {
    return undefined;
  }
}

/** The image's main tag, and the tag that every image of the commit has. Without a git tag they are the same. */
function tagsOf({ kind, name, commit }: Source): { readonly main: string; readonly commit: string } {
  const short = shortTag(commit);
  return { main: kind === "tag" ? imageTagOf(name) : short, commit: short };
}
