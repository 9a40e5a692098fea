import { describe, expect, it } from "vitest";
import { chooseRef, parseRefs, type Ref } from "../../../images/git/refs.ts";

const one = "1".repeat(40);
const two = "2".repeat(40);
const object = "a".repeat(40);
const tag = (name: string, commit = one): Ref => ({ kind: "tag", name, commit });
const branch = (name: string, commit = one): Ref => ({ kind: "branch", name, commit });

describe("the refs of a remote repository", () => {
  it("are its tags and branches, slashes included", () => {
    const output = `${one}\trefs/heads/feature/login\n${two}\trefs/tags/v1\n`;
    expect(parseRefs(output)).toEqual([branch("feature/login"), tag("v1", two)]);
  });

  it("have the commit of an annotated tag, not the tag object", () => {
    expect(parseRefs(`${object}\trefs/tags/v1\n${one}\trefs/tags/v1^{}\n`)).toEqual([tag("v1")]);
  });

  it("leave out everything else", () => {
    expect(parseRefs(`${one}\tHEAD\n${one}\trefs/pull/1/head\nwarning: x\n`)).toEqual([]);
  });
});

describe("a ref that a user names", () => {
  const refs = [tag("v1.2"), branch("main"), branch("feature/login")];

  it.each(["v1.2", "tags/v1.2", "refs/tags/v1.2"])("may be a tag: %s", (name) => {
    expect(chooseRef(name, refs)).toEqual(tag("v1.2"));
  });

  it.each(["feature/login", "heads/feature/login", "refs/heads/feature/login"])("may be a branch: %s", (name) => {
    expect(chooseRef(name, refs)).toEqual(branch("feature/login"));
  });

  it.each(["1a2b", "1A2B3C4D", two])("may be a commit: %s", (hash) => {
    expect(chooseRef(hash, refs)).toEqual({ kind: "commit", prefix: hash.toLowerCase() });
  });

  it("is a tag that looks like a hash, if there is one", () => {
    expect(chooseRef("20261122", [tag("20261122")])).toEqual(tag("20261122"));
  });

  it("is refused with the candidates when a tag and a branch have the name", () => {
    expect(() => chooseRef("v2", [tag("v2"), branch("v2", two)])).toThrow(
      expect.objectContaining({
        message: "'v2' is ambiguous",
        details: {
          cause: "it names the tag refs/tags/v2 (111111111111) and the branch refs/heads/v2 (222222222222)",
          fix: "say which: --ref refs/tags/v2",
        },
      }),
    );
  });

  it("that is not there is refused with those that are alike", () => {
    const fix = "name one that `git ls-remote` shows, or push it first";
    expect(() => chooseRef("v1", refs)).toThrow(
      expect.objectContaining({
        message: "the repository has no tag, branch or commit 'v1'",
        details: { cause: "there are v1.2", fix },
      }),
    );
    expect(() => chooseRef("v1", [])).toThrow(
      expect.objectContaining({ details: { cause: "it has none at all", fix } }),
    );
  });

  it.each([
    "--upload-pack=touch /tmp/x",
    "-v1",
    "v1..v2",
    "main@{1}",
    "main^",
    "a b",
    "v1\n",
    "a:b",
    "",
    "x.lock",
    "/v1",
  ])("is refused when git would take it for something else: %j", (name) => {
    expect(() => chooseRef(name, refs)).toThrow("cannot be the name of a tag, branch or commit");
  });
});
