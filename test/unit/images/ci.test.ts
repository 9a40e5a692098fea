import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const github = readFileSync("images/ci/github.yml", "utf8");
const gitlab = readFileSync("images/ci/gitlab.yml", "utf8");

describe("a template for CI", () => {
  it.each([
    ["GitHub", github, '"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" --ref "$GITHUB_REF"'],
    ["GitLab", gitlab, '"$CI_SERVER_URL/$CI_PROJECT_PATH" --ref "refs/tags/$CI_COMMIT_TAG"'],
  ])("of %s builds and pushes with the same command as a person", (_forge, text, what) => {
    expect(text).toContain(`node cli/bin.js image build ${what} --push "$IMAGE"`);
  });

  it.each([
    ["GitHub", github],
    ["GitLab", gitlab],
  ])("of %s gives no secret as an argument", (_forge, text) => {
    const commands = text.split("\n").filter((line) => /\$(REGISTRY_PASSWORD|TOKEN|CI_JOB_TOKEN)\b/.test(line));
    expect(commands.length).toBeGreaterThan(0);
    // The shell's own printf is no program, so nobody sees its arguments.
    expect(commands.filter((line) => !/^\s*(- )?printf .* \|( |$)/.test(line))).toEqual([]);
  });

  it("of GitHub takes the actions that this project takes", () => {
    const uses = (text: string) => [...text.matchAll(/uses: (\S+@\S+) # v\S+$/gm)].map(([, use]) => use);
    const own = uses(readFileSync(".github/workflows/check.yml", "utf8"));
    expect(uses(github)).toHaveLength(2);
    expect(uses(github).filter((use) => !own.includes(use))).toEqual([]);
  });

  it("of GitHub may read the repository, and nothing else", () => {
    expect(parse(github)).toMatchObject({ permissions: { contents: "read" }, on: { push: { tags: ["v*"] } } });
  });

  it("of GitLab runs for tags only", () => {
    expect(parse(gitlab).image.rules).toEqual([{ if: "$CI_COMMIT_TAG =~ /^v/" }]);
  });
});
