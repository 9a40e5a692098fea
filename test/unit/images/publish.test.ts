import { beforeEach, describe, expect, it } from "vitest";
import { OperatorError, PermanentError } from "../../../common/errors.ts";
import { parseRepository } from "../../../config/git-repository.ts";
import type { Source } from "../../../images/git/checkout.ts";
import { Publisher } from "../../../images/publish.ts";
import { MemoryRegistry } from "./memory-registry.ts";

const [one, two] = ["1".repeat(40), "2".repeat(40)];
const sourceOf = (name: string, commit: string): Source => ({
  ...{ kind: "tag", name, commit },
  repository: parseRepository("https://git.example/app.git"),
});

let registry: MemoryRegistry;
beforeEach(async () => {
  registry = await MemoryRegistry.start();
});

async function publish(source: Source, moveTag = false) {
  const publisher = await Publisher.open(`${registry.host}/app`, undefined);
  try {
    const builder = registry.builderOf(source);
    return await publisher.publish({ source, builder, image: "image", folder: "", moveTag });
  } finally {
    publisher.close();
  }
}
const failureOf = (source: Source) =>
  publish(source).then(
    () => new Error("it was published"),
    (error: OperatorError) => error,
  );

describe("git tags that are the same tag of an image", () => {
  it.each([
    ["rel/1", "rel-1"],
    ["rel-1", "rel/1"],
    ["a/b-c", "a-b/c"],
  ])("%s, then %s: the first stays, and the second is told why, for good", async (first, second) => {
    await publish(sourceOf(first, one));
    const failure = await failureOf(sourceOf(second, two));
    expect(failure).toBeInstanceOf(PermanentError);
    const tag = first.replaceAll("/", "-");
    expect(failure.message).toBe(`the git tags ${first} and ${second} give the same image tag: ${tag}`);
    expect(registry.commitOf(tag)).toBe(one);
    expect(registry.commitOf("git-222222222222")).toBeUndefined();
  });

  it("are one image when they are of one commit", async () => {
    await publish(sourceOf("rel/1", one));
    expect(await publish(sourceOf("rel-1", one))).toMatchObject({ by: "another" });
    expect(registry.commitOf("rel-1")).toBe(one);
  });

  it.each([false, true])(
    "never give the commit's own tag to the other's image, if both are pushed at once (%s)",
    async (moveTag) => {
      registry.onTag = (tag) => {
        if (tag === "rel-1") registry.put("rel-1", sourceOf("rel-1", two));
      };
      await expect(publish(sourceOf("rel/1", one), moveTag)).rejects.toThrow(OperatorError);
      expect(registry.commitOf("git-111111111111")).toBe(one);
    },
  );

  it("are told from one git tag that has moved, which may be built when the image's tag is removed", async () => {
    await publish(sourceOf("rel/1", one));
    const failure = await failureOf(sourceOf("rel/1", two));
    expect(failure).not.toBeInstanceOf(PermanentError);
    expect(failure.message).toContain("is the image of another commit");
  });
});

describe("a git tag that is called like a tag of ours", () => {
  it.each(["git-222222222222", "git/222222222222", `sha256-${"a".repeat(64)}.sig`, `sha256-${"a".repeat(64)}`])(
    "is refused, for it would stand in the place of another image or signature: %s",
    async (name) => {
      const failure = await failureOf(sourceOf(name, one));
      expect(failure).toBeInstanceOf(PermanentError);
      expect(failure.message).toBe(`the git tag '${name}' cannot be an image's tag`);
      expect(registry.commitOf("git-222222222222")).toBeUndefined();
    },
  );

  it.each(["git-2", "git-2.43.0", "git-22222222222g", "sha256-v1", "digit-222222222222"])(
    "is not every one that begins so: %s",
    async (name) => {
      expect((await publish(sourceOf(name, one))).tags).toContain(name);
    },
  );
});
