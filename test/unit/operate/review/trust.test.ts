import { describe, expect, it } from "vitest";
import { type filledIn, policy } from "./evaluator.ts";

interface Trust {
  readonly Condition: {
    readonly StringEquals: Readonly<Record<string, string>>;
    readonly StringLike?: Readonly<Record<string, string>>;
  };
}

/** Whether a role lets a token in: by its claims, which AWS compares one by one. */
function letsIn(role: string, values: Partial<typeof filledIn>, claims: Readonly<Record<string, string>>): boolean {
  const [{ Condition }] = policy(role, values).Statement as unknown as [Trust];
  const claimOf = (key: string) => claims[key.split(":").at(-1) as string] ?? "";
  // none of the subjects has a character that means something else in a pattern, but for `*`
  const like = (pattern: string) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
  return (
    Object.entries(Condition.StringEquals).every(([key, value]) => claimOf(key) === value) &&
    Object.entries(Condition.StringLike ?? {}).every(([key, value]) => like(value).test(claimOf(key)))
  );
}

const audience = { aud: "sts.amazonaws.com" };

describe("on GitHub, the deploying role lets in", () => {
  const SUBJECT = "repo:example/cluster";
  const production = { ...audience, sub: `${SUBJECT}:environment:production`, ref: "refs/heads/main" };
  const isIn = (claims: Record<string, string>) => letsIn("github-deploy-trust", { SUBJECT }, claims);

  it("a job of main behind the gate", () => expect(isIn(production)).toBe(true));

  it.each([
    ["a job of main without the gate", { ...production, sub: `${SUBJECT}:ref:refs/heads/main` }],
    ["a branch that names the environment", { ...production, ref: "refs/heads/feature" }],
    ["a pull request that names the environment", { ...production, ref: "refs/pull/7/merge" }],
    ["a pull request", { ...audience, sub: `${SUBJECT}:pull_request`, ref: "refs/pull/7/merge" }],
    ["another environment", { ...production, sub: `${SUBJECT}:environment:staging` }],
    ["another repository", { ...production, sub: "repo:mallory/cluster:environment:production" }],
    ["another audience", { ...production, aud: "https://github.com/example" }],
  ])("not %s", (_, claims) => expect(isIn(claims)).toBe(false));
});

describe("on GitHub, the plan's role lets in", () => {
  const SUBJECT = "repo:example/cluster";
  const isIn = (sub: string) => letsIn("github-plan-trust", { SUBJECT }, { ...audience, sub });

  it("main, and no pull request or other branch", () => {
    expect(isIn(`${SUBJECT}:ref:refs/heads/main`)).toBe(true);
    expect(isIn(`${SUBJECT}:pull_request`)).toBe(false);
    expect(isIn(`${SUBJECT}:ref:refs/heads/main2`)).toBe(false);
  });
});

describe("on GitLab, the deploying role lets in", () => {
  const SUBJECT = "project_path:example/cluster";
  const main = `${SUBJECT}:ref_type:branch:ref:main`;
  const isIn = (sub: string) => letsIn("gitlab-deploy-trust", { SUBJECT }, { ...audience, sub });

  it("a job of the protected environment on the protected branch", () => {
    expect(isIn(`${main}:ref_protected:true:environment_protected:true:deployment_tier:production`)).toBe(true);
  });

  it.each([
    ["any job on main, of a project whose tokens say no more", main],
    ["any job on main", `${main}:ref_protected:true`],
    [
      "a job on main of an environment that is not protected",
      `${main}:ref_protected:true:environment_protected:false:deployment_tier:production`,
    ],
    [
      "a job on main of another protected environment",
      `${main}:ref_protected:true:environment_protected:true:deployment_tier:staging`,
    ],
    [
      "a fork's merge request whose branch is named main",
      `${main}:ref_protected:false:environment_protected:true:deployment_tier:production`,
    ],
    [
      "another branch",
      `${SUBJECT}:ref_type:branch:ref:feature:ref_protected:true:environment_protected:true:deployment_tier:production`,
    ],
    [
      "a tag named main",
      `${SUBJECT}:ref_type:tag:ref:main:ref_protected:true:environment_protected:true:deployment_tier:production`,
    ],
  ])("not %s", (_, sub) => expect(isIn(sub)).toBe(false));
});

describe("on GitLab, the plan's role lets in", () => {
  const SUBJECT = "project_path:example/cluster";
  const isIn = (sub: string) => letsIn("gitlab-plan-trust", { SUBJECT }, { ...audience, sub });

  it("main while it is protected, and no other branch", () => {
    expect(isIn(`${SUBJECT}:ref_type:branch:ref:main:ref_protected:true`)).toBe(true);
    expect(isIn(`${SUBJECT}:ref_type:branch:ref:main`)).toBe(false);
    expect(isIn(`${SUBJECT}:ref_type:branch:ref:main:ref_protected:false`)).toBe(false);
    expect(isIn(`${SUBJECT}:ref_type:branch:ref:main2:ref_protected:true`)).toBe(false);
  });
});
