import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = ".github/workflows";
const files = readdirSync(folder);
const textOf = (file: string) => readFileSync(`${folder}/${file}`, "utf8");
const workflow = (name: string) => parse(textOf(`${name}.yml`)) as Workflow;
const jobsOf = (file: string) => Object.entries((parse(textOf(file)) as Workflow).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(([, { steps }]) => steps);

describe.each(files)("the workflow %s", (file) => {
  it("names every action by its commit, with the version beside it", () => {
    const uses = textOf(file)
      .split("\n")
      .filter((line) => /\buses:/.test(line));
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("takes one version of each action, as the others do", () => {
    const all = new Set(files.flatMap(stepsOf).flatMap(({ uses }) => uses ?? []));
    const mine = new Set(stepsOf(file).flatMap(({ uses }) => uses?.split("@")[0] ?? []));
    for (const action of mine) expect([...all].filter((use) => use.startsWith(`${action}@`))).toHaveLength(1);
  });

  it("gives its jobs no right that they do not name", () => {
    expect(["{}", '{"contents":"read"}']).toContain(JSON.stringify((parse(textOf(file)) as Workflow).permissions));
  });

  it("never runs a fork's code with rights", () => {
    expect(textOf(file)).not.toMatch(/pull_request_target|workflow_run/);
  });

  it("has no secret but the job's own token", () => {
    expect(textOf(file)).not.toMatch(/\bsecrets\b/);
  });

  it("leaves no token in the checkout", () => {
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const { with: options } of checkouts) expect(options?.["persist-credentials"]).toBe(false);
  });

  it("puts no words of a pull request into a script", () => {
    const scripts = stepsOf(file).flatMap(({ run }) => run ?? []);
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });
});

describe("the diff on GitHub", () => {
  const { diff } = workflow("diff").jobs;

  it("is made for branches of the repository itself only", () => {
    expect(diff?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
  });

  it("may read, ask for a role, and comment", () => {
    expect(diff?.permissions).toEqual({ contents: "read", "id-token": "write", "pull-requests": "write" });
  });
});

describe("the deployment on GitHub", () => {
  const { on, concurrency, jobs } = workflow("deploy");

  it("is for main only", () => {
    expect(on).toEqual({ push: { branches: ["main"] } });
  });

  it("has a gate", () => {
    expect(jobs.deploy?.environment).toBe("production");
  });

  it("is one at a time, and never broken off", () => {
    expect(concurrency).toMatchObject({ "cancel-in-progress": false });
  });

  it("may read and ask for a role", () => {
    expect(jobs.deploy?.permissions).toEqual({ contents: "read", "id-token": "write" });
  });

  it("takes nothing from a cache", () => {
    expect(textOf("deploy.yml")).not.toContain("actions/cache@");
    const node = jobs.deploy?.steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"));
    expect(node?.with?.["package-manager-cache"]).toBe(false);
  });
});

describe("the pipeline on GitLab", () => {
  const pipeline = parse(readFileSync(".gitlab-ci.yml", "utf8"));

  it("makes a diff for branches of the project itself only", () => {
    const [rule, ...others] = pipeline.diff.rules as { if: string }[];
    expect(rule?.if).toContain("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID");
    expect(others).toEqual([]);
  });

  it("deploys the default branch, behind a button, one at a time", () => {
    const { rules, environment, resource_group, interruptible } = pipeline.deploy;
    expect(rules).toEqual([{ if: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $AWS_DEPLOY_ROLE", when: "manual" }]);
    expect({ environment, resource_group, interruptible }).toEqual({
      environment: "production",
      resource_group: "production",
      interruptible: false,
    });
  });

  it("asks for a role with the job's own token, and keeps no key", () => {
    expect(pipeline[".aws"].id_tokens).toEqual({ AWS_ID_TOKEN: { aud: "sts.amazonaws.com" } });
    expect(readFileSync(".gitlab-ci.yml", "utf8")).not.toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)/);
  });

  it("runs what GitHub runs", () => {
    const onGitHub = files.flatMap(stepsOf).flatMap(({ run }) => run ?? []);
    const onGitLab = ["lint", "unit", "programs", "diff", "deploy"].flatMap((job) => pipeline[job].script as string[]);
    const commands = (scripts: readonly string[]) =>
      new Set(
        scripts.flatMap(
          (script) => script.match(/(npm run [\w:]+|bash review\/\w+\.sh|registry-cluster \w+ \w+)/g) ?? [],
        ),
      );
    // the lab, with or without Terraform, needs an engine, which a runner of GitLab does not have
    expect(commands(onGitLab)).toEqual(
      new Set([...commands(onGitHub)].filter((command) => !/test:(lab|terraform)$/.test(command))),
    );
  });

  it("has the same Terraform", () => {
    const setup = workflow("deploy").jobs.deploy?.steps.find(({ uses }) => uses?.includes("setup-terraform"));
    expect(pipeline[".aws"].variables.TERRAFORM_VERSION).toBe(setup?.with?.terraform_version);
  });
});
