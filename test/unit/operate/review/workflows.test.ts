// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflows look like this
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
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
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

  it("lets no package run a script while it is installed", () => {
    const installs = stepsOf(file).flatMap(({ run }) => run?.match(/npm (ci|install).*/g) ?? []);
    expect(installs.filter((command) => !command.includes("--ignore-scripts"))).toEqual([]);
  });

  it("takes nothing from a cache where it can ask for a role", () => {
    for (const [name, { permissions, steps }] of jobsOf(file)) {
      if (!permissions?.["id-token"]) continue;
      expect(
        steps.filter(({ uses }) => uses?.startsWith("actions/cache@")),
        name,
      ).toEqual([]);
      const node = steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"));
      expect(node?.with?.["package-manager-cache"] ?? false, name).toBe(false);
    }
  });

  it("puts no words of a pull request into a script", () => {
    const scripts = stepsOf(file).flatMap(({ run }) => run ?? []);
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });
});

/** What a job runs. */
const commandsOf = (job: Job | undefined) => job?.steps.flatMap(({ run }) => run ?? []).join("\n") ?? "";
const checkedOut = (job: Job | undefined) =>
  job?.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))?.with?.ref;

describe("the diff on GitHub", () => {
  const { jobs } = workflow("diff");

  it("is made for branches of the repository itself only", () => {
    expect(jobs.synth?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    expect([jobs.plan?.needs, jobs.comment?.needs]).toEqual(["synth", ["synth", "plan"]]);
  });

  it("runs the pull request's code where it can only read", () => {
    expect(jobs.synth?.permissions).toEqual({ contents: "read" });
    expect(checkedOut(jobs.synth)).toBeUndefined();
  });

  it.each(["plan", "comment"])("runs the base branch's code where it has rights: %s", (name) => {
    expect(checkedOut(jobs[name])).toBe("${{ github.event.pull_request.base.sha }}");
  });

  it("parts the role from the right to comment", () => {
    expect(jobs.plan?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(jobs.comment?.permissions).toEqual({ contents: "read", "pull-requests": "write" });
  });

  it("runs nothing that npm installs where it can ask for a role", () => {
    expect(commandsOf(jobs.plan)).not.toMatch(/\b(npm|npx)\b/);
  });

  it("comments on what the plan's job said, never on what the pull request's code printed", () => {
    const downloads = jobs.comment?.steps.filter(({ uses }) => uses?.startsWith("actions/download-artifact@"));
    expect(downloads?.map(({ with: options }) => options?.name)).toEqual(["diff"]);
    const uploads = jobs.synth?.steps.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    expect(uploads?.map(({ with: options }) => options?.name)).toEqual(["synthesized"]);
  });
});

describe("the deployment on GitHub", () => {
  const { on, concurrency, jobs } = workflow("deploy");

  it("is for main only", () => {
    expect(on).toEqual({ push: { branches: ["main"] } });
  });

  it("has a gate, after the plan that it shows", () => {
    expect(jobs.deploy?.environment).toBe("production");
    expect(jobs.deploy?.needs).toBe("plan");
  });

  it("applies the very plan that the gate showed, by its hash, and makes no other", () => {
    expect(jobs.plan?.outputs).toEqual({ sha256: "${{ steps.pack.outputs.sha256 }}" });
    const commands = commandsOf(jobs.deploy);
    expect(commands).toMatch(/sha256sum --check --strict\n.*unpack\.sh[^\n]*\n+bash operate\/review\/apply\.sh/s);
    expect(commands).not.toMatch(/terraform plan|plan\.sh|cdktf/);
  });

  it("is one at a time, and never broken off", () => {
    expect(concurrency).toMatchObject({ "cancel-in-progress": false });
  });

  it("installs and builds where it can only read", () => {
    expect(jobs.synth?.permissions).toEqual({ contents: "read" });
    expect(commandsOf(jobs.synth)).toContain("artifacts build");
  });

  it("runs nothing that npm installs where it has the deploying role", () => {
    expect(jobs.deploy?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(commandsOf(jobs.deploy)).not.toMatch(/\b(npm|npx)\b/);
  });

  it("has the deploying role behind the gate only", () => {
    const roleOf = ({ steps }: Job) => steps.flatMap(({ with: options }) => options?.["role-to-assume"] ?? []);
    expect(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, roleOf(job)]))).toEqual({
      synth: [],
      preflight: ["${{ vars.AWS_PLAN_ROLE }}"],
      plan: ["${{ vars.AWS_PLAN_ROLE }}"],
      deploy: ["${{ vars.AWS_DEPLOY_ROLE }}"],
      "not-set-up": [],
    });
  });
});

describe("the pipeline on GitLab", () => {
  const pipeline = parse(readFileSync(".gitlab-ci.yml", "utf8"));

  it.each([".for-merge-requests", "comment"])("makes a diff for branches of the project itself only: %s", (name) => {
    const [rule, ...others] = pipeline[name].rules as { if: string }[];
    expect(rule?.if).toContain("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID");
    expect(others).toEqual([]);
  });

  it("has no role where it installs, builds or comments, but for the question what would fail", () => {
    const named = Object.entries<{ extends?: string | string[]; script?: string[] }>(pipeline);
    const withRole = named.filter(([, job]) => [job.extends ?? []].flat().includes(".aws"));
    expect(withRole.map(([name]) => name).sort()).toEqual(["deploy", "diff", "plan", "preflight"]);
    const installing = withRole.filter(([, { script = [] }]) => /\b(npm|npx)\b/.test(script.join("\n")));
    expect(installing.map(([name]) => name)).toEqual(["preflight"]);
    expect(JSON.stringify(pipeline[".aws"])).not.toContain("npm");
  });

  it("applies the very plan that was shown, by its hash", () => {
    expect(pipeline.plan.artifacts.reports).toEqual({ dotenv: "plan.env" });
    expect(pipeline.deploy.script).toEqual([
      'echo "$DEPLOYMENT_SHA256  deployment.tar" | sha256sum --check --strict',
      "bash operate/review/unpack.sh deployment.tar",
      "bash operate/review/apply.sh",
    ]);
  });

  it("deploys the default branch, behind a button, one at a time", () => {
    const { interruptible } = pipeline[".on-main"];
    const { rules, environment, resource_group } = pipeline.deploy;
    expect(rules).toEqual([{ if: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $AWS_DEPLOY_ROLE", when: "manual" }]);
    expect({ environment, resource_group, interruptible }).toEqual({
      // a claim of the role's subject
      environment: { name: "production", deployment_tier: "production" },
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
    const onGitLab = Object.values<{ script?: string[] }>(pipeline).flatMap(({ script = [] }) => script);
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
