import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../../cli/program.ts";
import { reportOf } from "../../cli/report.ts";
import { markerOf } from "../../operate/review/comment.ts";
import { ofStack, recording } from "../unit/operate/review/support.ts";
import { chatter, type ForgeServer, gitHubApi, gitLabApi, startForge, token } from "./forges.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-cluster-review-"));
  return () => rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

type Environment = Record<string, string | undefined>;

/** Runs the command as a job of the forge would: with its variables, and no others. */
async function review(env: Environment, ...args: string[]) {
  for (const name of Object.keys(process.env)) if (/^(GITHUB|GITLAB|CI)(_|$)/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const log = vi.spyOn(console, "log").mockReturnValue();
  const end = (exitCode: number, stderr: string) => ({ exitCode, stderr, stdout: log.mock.calls.join("\n") });
  try {
    await createProgram().parseAsync(["review", ...args], { from: "user" });
    return end(0, "");
  } catch (error) {
    const { exitCode, text } = reportOf(error);
    return end(exitCode, text);
  } finally {
    log.mockRestore();
    vi.unstubAllEnvs();
  }
}

/** The same, but returns the running process. */
function startReview(env: Environment, args: readonly string[], input = "") {
  return execa(process.execPath, ["cli/bin.js", "review", ...args], {
    env: { PATH: process.env.PATH, ...env },
    extendEnv: false,
    reject: false,
    input,
  });
}

const gitHubJob = ({ url }: { url: string }) => ({
  GITHUB_ACTIONS: "true",
  GITHUB_API_URL: url,
  GITHUB_GRAPHQL_URL: `${url}/graphql`,
  GITHUB_SERVER_URL: "https://github.example",
  GITHUB_REPOSITORY: "owner/name",
  GITHUB_RUN_ID: "99",
  GITHUB_TOKEN: token,
  GITHUB_EVENT_PATH: write(
    "event.json",
    JSON.stringify({ pull_request: { number: 7, head: { sha: "0123456789abcdef" } } }),
  ),
});

const gitLabJob = ({ url }: { url: string }) => ({
  GITLAB_CI: "true",
  CI_API_V4_URL: url,
  CI_PROJECT_ID: "42",
  CI_MERGE_REQUEST_IID: "7",
  CI_JOB_URL: "https://gitlab.example/owner/name/-/jobs/99",
  CI_COMMIT_SHA: "0123456789abcdef",
  GITLAB_TOKEN: token,
});

const forges = [
  { name: "GitHub", api: gitHubApi, job: gitHubJob, log: "https://github.example/owner/name/actions/runs/99" },
  { name: "GitLab", api: gitLabApi, job: gitLabJob, log: "https://gitlab.example/owner/name/-/jobs/99" },
];

describe.each(forges)("review post on $name", ({ api, job, log }) => {
  let forge: ForgeServer;
  beforeEach(async () => {
    forge = await startForge(api);
  });
  afterEach(() => forge.stop());

  const post = (text: string, ...args: string[]) =>
    review(job(forge), "post", "--diff", write("diff.log", text), ...args);
  const writes = () => forge.requests.filter((request) => !request.startsWith("GET") && !request.endsWith("/graphql"));

  it("makes the comment, with the commit and the job's log in it", async () => {
    const args = ["post", "--diff", write("diff.log", recording("setting"))];
    const { exitCode, stdout } = await startReview(job(forge), args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^comment created: (pull|merge) request 7 of /);
    expect(forge.comments.map(({ body }) => body)).toEqual([
      expect.stringContaining("`registry`: 1 to add, 1 to change"),
    ]);
    expect(forge.comments[0]?.body).toContain(`Made from \`0123456789ab\`. [The full output](${log})`);
  });

  it("updates it in place, also behind hundreds of other comments", async () => {
    chatter(forge, 150);
    await post(recording("setting"));
    chatter(forge, 150);
    const { stdout } = await post(recording("no-changes"));
    expect(stdout).toMatch(/^comment updated: /);
    expect(forge.comments).toHaveLength(301);
    expect(forge.comments[150]?.body).toContain("`registry`: no changes");
  });

  it("does not write what is there already", async () => {
    await post(recording("setting"));
    const [comment] = forge.comments;
    if (comment) comment.body = comment.body.replaceAll("\n", "\r\n");
    const { stdout } = await post(recording("setting"));
    expect(stdout).toMatch(/^comment unchanged: /);
    expect(writes()).toHaveLength(1);
  });

  it("leaves alone what somebody else wrote under its marker", async () => {
    forge.comments.push({ id: 1, body: `${markerOf("Terraform plan")}\nnot yours`, author: "somebody" });
    await post(recording("setting"));
    expect(forge.comments[0]?.body).toMatch(/not yours$/);
    expect(forge.comments).toHaveLength(2);
  });

  it("has a comment for each title", async () => {
    await post(ofStack("dev", recording("setting")), "--title", "Plan of dev");
    await post(ofStack("prod", recording("setting")), "--title", "Plan of prod");
    await post(ofStack("dev", recording("no-changes")), "--title", "Plan of dev");
    expect(forge.comments.map(({ body }) => /^### .*$/m.exec(body)?.[0])).toEqual([
      "### `dev`: no changes",
      "### `prod`: 1 to add, 1 to change, 1 to destroy",
    ]);
  });

  it("posts that the diff failed, and ends well: the job has its own way to fail", async () => {
    const { exitCode } = await post(recording("no-credentials"), "--failed");
    expect(exitCode).toBe(0);
    expect(forge.comments[0]?.body).toContain("### ❌ `registry`: the diff failed");
  });

  it("tries again when the forge is busy, as late as it asks", async () => {
    forge.faults.push({ status: 429, headers: { "retry-after": "1" } }, { status: 502 });
    const started = Date.now();
    const { exitCode } = await post(recording("setting"));
    expect(exitCode).toBe(0);
    expect(forge.comments).toHaveLength(1);
    expect(Date.now() - started).toBeGreaterThan(1000);
  });

  it("does not make a second comment when the answer to the first was lost", async () => {
    forge.faults.push({ status: 504, afterwards: true });
    const { exitCode } = await post(recording("setting"));
    expect(exitCode).toBe(0);
    expect(forge.comments).toHaveLength(1);
  });

  it.each([
    [403, "the token may not comment"],
    [404, "there is no such pull request"],
    [422, "the forge refuses the comment itself"],
  ])("ends with 1 at a %d, and says how to mend it", async (status, mend) => {
    forge.faults.push({ status });
    const { exitCode, stderr } = await post(recording("setting"));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^cannot post the diff on (pull|merge) request 7 of .*: the API answered \d+: as the test asked\n/,
    );
    expect(stderr).toContain(`  mend: ${mend}`);
    expect(writes()).toHaveLength(1);
  });

  it("ends with 1 when the token is wrong, and does not show it", async () => {
    const wrong = "another-token";
    const env = { ...job(forge), GITHUB_TOKEN: wrong, GITLAB_TOKEN: wrong };
    const { exitCode, stdout, stderr } = await review(env, "post", "--diff", write("diff.log", recording("setting")));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("the API answered 401: Bad credentials\n  mend: the token is wrong or has expired");
    expect(stdout + stderr).not.toContain(wrong);
  });

  it("does not show a token that cannot be sent at all", async () => {
    const env = { ...job(forge), GITHUB_TOKEN: `${token}\nx`, GITLAB_TOKEN: `${token}\nx` };
    const { exitCode, stdout, stderr } = await review(env, "post", "--diff", write("diff.log", recording("setting")));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^GIT(HUB|LAB)_TOKEN: not a token: .*\n {2}mend: set it again/);
    expect(stdout + stderr).not.toContain(token);
  });

  it("names the variable that is missing", async () => {
    const env = { ...job(forge), GITHUB_TOKEN: "", GITLAB_TOKEN: "" };
    const { exitCode, stderr } = await review(env, "post", "--diff", write("diff.log", ""));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^GIT(HUB|LAB)_TOKEN is not set\n {2}mend: /);
  });

  it("says so when the job is for no pull request", async () => {
    const env = { ...job(forge), GITHUB_EVENT_PATH: write("push.json", "{}"), CI_MERGE_REQUEST_IID: undefined };
    const { exitCode, stderr } = await review(env, "post", "--diff", write("diff.log", ""));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("names no pull request: this job is not for one\n  mend: run it for pull requests");
    const named = await review(env, "post", "--diff", write("diff.log", ""), "--pull-request", "7");
    expect(named.stdout).toMatch(/^comment created: /);
  });
});

describe("review comment", () => {
  it("prints the Markdown of a diff on standard input, outside of any job", async () => {
    const { exitCode, stdout } = await startReview({}, ["comment"], recording("no-changes"));
    expect(exitCode).toBe(0);
    expect(stdout).toContain("### `registry`: no changes");
  });

  it("ends with 2 for a pull request that is no number", async () => {
    const { exitCode, stderr } = await startReview({}, ["post", "--pull-request", "main"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("argument 'main' is invalid. a number from 1 on is allowed.");
  });

  it("names a diff that cannot be read", async () => {
    const { exitCode, stderr } = await review({}, "comment", "--diff", "missing.log");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^--diff missing\.log: cannot be read\n {2}why: {2}missing\.log: there is no such file or folder\n {2}mend: /,
    );
  });

  it("is what a machine that is no job of a forge is sent to", async () => {
    const { exitCode, stderr } = await review({}, "post", "--diff", write("diff.log", ""));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^this is neither a job of GitHub .* nor of GitLab/);
  });
});
