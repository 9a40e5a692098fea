import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withEveryRole } from "../../config/every-role.ts";
import { configWith, plan } from "../../stacks/fixture.ts";
import { policy } from "./evaluator.ts";

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const folder = "operate/review/policies";
const read = (name: string) =>
  (JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")) as { Statement: Statement[] }).Statement;
const listOf = (value: string | readonly string[] = []) => [value].flat();
const actionsOf = (statements: readonly Statement[], effect: Statement["Effect"] = "Allow") =>
  statements.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => listOf(Action));

/**
 * Every call that Terraform's provider made for this cluster, with each way out of the network, from its debug log (TF_LOG=debug), and
 * the types of the resources that it made them for.
 */
const calls = JSON.parse(readFileSync("test/unit/operate/review/provider-calls.json", "utf8")) as {
  diff: string[];
  deploy: string[];
  types: string[];
};

/** IAM's words for calls of S3 that are not named after their action. */
const s3Actions: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: "PutObject",
  CreateMultipartUpload: "PutObject",
  DeleteBucketEncryption: "PutEncryptionConfiguration",
  DeleteBucketLifecycle: "PutLifecycleConfiguration",
  DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
  GetBucketAccelerateConfiguration: "GetAccelerateConfiguration",
  GetBucketCors: "GetBucketCORS",
  GetBucketEncryption: "GetEncryptionConfiguration",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  GetBucketReplication: "GetReplicationConfiguration",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  HeadBucket: "ListBucket",
  HeadObject: "GetObject",
  ListObjectVersions: "ListBucketVersions",
  PutBucketEncryption: "PutEncryptionConfiguration",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
  UploadPart: "PutObject",
};
const services: Readonly<Record<string, string>> = { "CloudWatch Logs": "logs", "S3 Control": "s3" };

/** @returns the action that IAM asks for: `EC2/DescribeVpcs` is `ec2:DescribeVpcs`. */
function actionOf(call: string): string {
  const [service = "", method = ""] = call.split("/");
  return `${services[service] ?? service.toLowerCase()}:${service === "S3" ? (s3Actions[method] ?? method) : method}`;
}

/** Calls of a recorded removal that a deployment never makes: buckets are protected. */
const onlyWhenBucketsGo = ["S3/DeleteBucket", "S3/DeleteBucketPolicy"];

it("the calls of the provider were recorded with every type of resource", () => {
  const types = (["bastion", "nat-gateway", "none"] as const).flatMap((egress) =>
    Object.keys(plan(withEveryRole(configWith({ network: { egress } }))).json.resource),
  );
  expect([...new Set(types)].sort()).toEqual(calls.types);
});

describe("the role that makes a diff", () => {
  const statements = read("diff-policy");

  it("may do everything that Terraform asks for a plan", () => {
    expect(actionsOf(statements)).toEqual(expect.arrayContaining(calls.diff.map(actionOf)));
  });

  it("may only look", () => {
    expect(actionsOf(statements).filter((action) => !/^\w+:(Describe|Get|List)[A-Za-z]+$/.test(action))).toEqual([]);
  });

  it("reads objects of the provisioning bucket and the state, and no image", () => {
    const readable = statements.filter(({ Action }) => listOf(Action).includes("s3:GetObject"));
    expect(readable.flatMap(({ Resource }) => listOf(Resource))).toEqual([
      "arn:aws:s3:::${BUCKET}-provisioning/*",
      "arn:aws:s3:::${STATE_BUCKET}/registry-cluster/${NAME}.tfstate",
    ]);
  });

  it("sees no secret", () => {
    expect(actionsOf(statements).filter((action) => /^(ssm|kms|secretsmanager):/.test(action))).toEqual([]);
  });
});

describe("the role that deploys", () => {
  const both = [...read("diff-policy"), ...read("deploy-policy")];

  it("may do everything that Terraform asks for a deployment", () => {
    const needed = calls.deploy.filter((call) => !onlyWhenBucketsGo.includes(call)).map(actionOf);
    expect(actionsOf(both)).toEqual(expect.arrayContaining(needed));
  });

  it("can delete no bucket", () => {
    expect(actionsOf(both)).not.toContain("s3:DeleteBucket");
  });

  it("gives each role to the service that it is for", () => {
    const passing = both.filter(({ Action }) => Action === "iam:PassRole");
    expect(passing.map(({ Condition }) => Condition?.StringEquals?.["iam:PassedToService"])).toEqual([
      "ec2.amazonaws.com",
      "vpc-flow-logs.amazonaws.com",
    ]);
  });

  it("changes, ends and makes nothing of EC2 without a condition, but for the images that machines are made of", () => {
    const writing = read("deploy-policy").filter(({ Action }) =>
      listOf(Action).some((action) => action.startsWith("ec2:")),
    );
    expect(writing.filter(({ Condition }) => !Condition).map(({ Sid }) => Sid)).toEqual(["MakeMachinesOfImages"]);
  });

  it("has no action with a wildcard, and names the resources of all that is not the network", () => {
    expect(actionsOf(both).filter((action) => action.includes("*"))).toEqual([]);
    const anywhere = both.filter(({ Effect, Resource }) => Effect === "Allow" && listOf(Resource).includes("*"));
    expect(new Set(actionsOf(anywhere).map((action) => action.split(":")[0]))).toEqual(new Set(["ec2", "sts"]));
  });
});

describe("a role's trust", () => {
  const names = readdirSync(folder).flatMap((file) => /^(.*-trust)\.json$/.exec(file)?.[1] ?? []);

  it.each(names)("names the audience and the subject: %s", (name) => {
    const [statement, ...others] = read(name);
    const keys = Object.values(statement?.Condition ?? {}).flatMap((conditions) => Object.keys(conditions));
    expect(others).toEqual([]);
    expect(keys.map((key) => key.split(":").at(-1))).toEqual(expect.arrayContaining(["aud", "sub"]));
  });

  it.each([
    ["github-diff-trust", ":pull_request"],
    ["github-plan-trust", ":ref:refs/heads/main"],
    ["github-deploy-trust", ":environment:production"],
    [
      "gitlab-deploy-trust",
      ":ref_type:branch:ref:main:ref_protected:true:environment_protected:true:deployment_tier:production",
    ],
  ])("is for one kind of job, without wildcards: %s", (name, subject) => {
    const equal = read(name)[0]?.Condition?.StringEquals ?? {};
    const sub = Object.entries(equal).find(([key]) => key.endsWith(":sub"))?.[1];
    expect(sub).toBe(`\${SUBJECT}${subject}`);
  });
});

describe("a policy", () => {
  const values = {
    NAME: "n".repeat(24),
    REGION: "ap-southeast-1",
    BUCKET: "b".repeat(50),
    STATE_BUCKET: "s".repeat(63),
  };
  // AWS counts no blanks
  const sizeOf = (name: string) => JSON.stringify(policy(name, values)).length;

  it("is small enough to be one of a role's own", () => {
    expect(sizeOf("deploy-policy")).toBeLessThan(10_240 - sizeOf("deploy-kms-policy"));
  });

  it.each(["diff-policy", "preflight-policy", "boundary-policy"])("is small enough to be one of IAM's: %s", (name) => {
    expect(sizeOf(name)).toBeLessThan(6_144);
  });

  it.each(readdirSync(folder))("has no placeholder but those that the docs fill in: %s", (file) => {
    const used = readFileSync(`${folder}/${file}`, "utf8").match(/\$\{\w+\}/g) ?? [];
    const [, known = ""] = /envsubst '([^']*)'/.exec(readFileSync("docs/review.md", "utf8")) ?? [];
    expect(known.split(" ")).toEqual(
      expect.arrayContaining(used.map((placeholder) => placeholder.replace(/[{}]/g, ""))),
    );
  });
});

describe("GitHub's deploying role", () => {
  it("is for the branch main, also where the environment was made without a rule for it", () => {
    expect(read("github-deploy-trust")[0]?.Condition?.StringEquals).toMatchObject({
      "token.actions.githubusercontent.com:ref": "refs/heads/main",
    });
  });
});
