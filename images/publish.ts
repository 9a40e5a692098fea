import { OperatorError } from "../operator/errors.ts";
import type { Builder } from "./builders/builder.ts";
import type { Source } from "./git/checkout.ts";
import { refNameLabel, revisionLabel, shortTag } from "./labels.ts";
import { type Manifest, Registry } from "./registry/client.ts";
import { loginOf } from "./registry/login.ts";
import { type ImageName, imageTagOf, nameOf, parseImageName } from "./registry/reference.ts";
import { certificateFileOf } from "./registry/trust.ts";

/** Where an image is, and by what names. */
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

/**
 * Images of one name at a registry. A registry has no locks and no conditional writes. So the claim is the push itself: who finds
 * an image of his commit in place takes that one, also right before he would have put his own there.
 */
export class Publisher {
  /** @param givenCaFile @default - the one that is where container tools look for it, if any */
  static async open(place: string, givenCaFile: string | undefined): Promise<Publisher> {
    const name = parseImageName(place);
    const caFile = givenCaFile ?? certificateFileOf(name);
    const login = await loginOf(name.host);
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
   * Finds the image of a commit, by all the tags that it shall have.
   *
   * @throws OperatorError where the tag is that of another commit, and may not move
   */
  async find(source: Source, moveTag = false): Promise<Published | undefined> {
    const [tag, ...others] = tagsOf(source) as [string, ...string[]];
    const found = await this.registry.manifest(tag);
    if (!found) return this.findClaim(source);
    const revision = (await this.registry.labels(found))[revisionLabel];
    if (revision === source.commit) {
      for (const other of others) if (!(await this.registry.manifest(other))) await this.registry.tag(other, found);
      return { name: this.place, tags: [tag, ...others], digest: found.digest, by: "existing" };
    }
    if (moveTag) return undefined;
    throw new OperatorError(`${this.place}:${tag} is the image of another commit`, {
      cause: `it is of ${revision ?? "no commit that it tells"}, and ${source.name} is now ${source.commit}`,
      fix: "tags do not move: make a new one, or say --move-tag",
    });
  }

  /** An image that has the commit's tag, and was made for this git tag, has been pushed: it lacks no more than that one. */
  private async findClaim(source: Source): Promise<Published | undefined> {
    const [tag, ...others] = tagsOf(source) as [string, ...string[]];
    const claim = others[0] === undefined ? undefined : await this.registry.manifest(others[0]);
    if (!claim) return undefined;
    const labels = await this.registry.labels(claim);
    if (labels[revisionLabel] !== source.commit || labels[refNameLabel] !== source.name) return undefined;
    await this.registry.tag(tag, claim);
    return { name: this.place, tags: [tag, ...others], digest: claim.digest, by: "existing" };
  }

  /** Pushes an image, and gives it its tags last. */
  async publish({ source, builder, image, folder, moveTag }: PublishProps): Promise<Published> {
    const { name, login, caFile } = this;
    const [tag, ...others] = tagsOf(source) as [string, ...string[]];
    const commitTag = shortTag(source.commit);
    const taken = await this.find(source, moveTag);
    if (taken) return { ...taken, by: "another" };

    const hasOther = others.length > 0 && (await this.registry.manifest(commitTag)) !== undefined;
    const first = hasOther ? tag : commitTag;
    const pushed = await this.pushed(await builder.push(image, { name, tag: first, login, caFile, folder }));
    if (first !== tag) {
      const late = await this.find(source, moveTag);
      if (late && late.digest !== pushed.digest) return this.yieldTo(late, first);
      if (!late) await this.registry.tag(tag, pushed);
      return this.settled(tag, others, pushed.digest);
    }
    return { name: this.place, tags: [tag, ...others], digest: (await this.pushed(tag)).digest, by: "built" };
  }

  /** Of two builders that looked at the same moment, the later one has the tag: all tags go to his image, whoever sees it. */
  private async settled(tag: string, others: readonly string[], own: string): Promise<Published> {
    let final = await this.pushed(tag);
    for (let round = 0; round < 3; round++) {
      const found = await Promise.all(others.map((other) => this.registry.manifest(other)));
      if (found.every((manifest) => manifest?.digest === final.digest)) break;
      for (const other of others) await this.registry.tag(other, final);
      final = await this.pushed(tag);
    }
    return {
      name: this.place,
      tags: [tag, ...others],
      digest: final.digest,
      by: final.digest === own ? "built" : "another",
    };
  }

  /** Another builder was quicker by a moment: what we pushed shall not stand beside his. */
  private async yieldTo(theirs: Published, tag: string): Promise<Published> {
    await this.registry.tag(tag, await this.pushed(theirs.digest));
    return { ...theirs, by: "another" };
  }

  /** @param reference a tag or a digest */
  private async pushed(reference: string): Promise<Manifest> {
    const manifest = await this.registry.manifest(reference);
    if (manifest) return manifest;
    throw new OperatorError(`${reference} of ${this.place} was pushed, and is not there`, {
      fix: "see the registry's log; then build again",
    });
  }
}

/** The first one says what the image is; that of the commit is there for all. */
function tagsOf({ kind, name, commit }: Source): string[] {
  return kind === "tag" ? [imageTagOf(name), shortTag(commit)] : [shortTag(commit)];
}
