import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const folder = "review/policies";
const read = (name: string) =>
  (JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")) as { Statement: Statement[] }).Statement;
const listOf = (value: string | readonly string[] = []) => [value].flat();
const actionsOf = (statements: readonly Statement[], effect: Statement["Effect"] = "Allow") =>
  statements.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => listOf(Action));

/** Every call that Terraform's provider made for this cluster, with each way out of the network, from its debug log. */
const calls = JSON.parse(readFileSync("test/unit/review/provider-calls.json", "utf8")) as {
  diff: string[];
  deploy: string[];
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

  it("cannot read the secrets that preflight looks for", () => {
    expect(actionsOf(both, "Deny")).toEqual(["kms:Decrypt"]);
  });

  it("gives roles to machines and flow logs only", () => {
    const [passing] = both.filter(({ Action }) => Action === "iam:PassRole");
    expect(passing?.Condition?.StringEquals).toEqual({
      "iam:PassedToService": ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"],
    });
  });

  it("has no action with a wildcard, and names the resources of all that is not the network", () => {
    expect(actionsOf(both).filter((action) => action.includes("*"))).toEqual([]);
    const anywhere = both.filter(({ Effect, Resource }) => Effect === "Allow" && listOf(Resource).includes("*"));
    expect(new Set(actionsOf(anywhere).map((action) => action.split(":")[0]))).toEqual(new Set(["ec2", "logs", "sts"]));
  });
});

describe("a role's trust", () => {
  const names = readdirSync(folder).flatMap((file) => /^(.*-trust)\.json$/.exec(file)?.[1] ?? []);

  it.each(names)("names the audience and the subject: %s", (name) => {
    const [statement, ...others] = read(name);
    const keys = Object.values(statement?.Condition ?? {}).flatMap((conditions) => Object.keys(conditions));
    expect(others).toEqual([]);
    expect(keys.map((key) => key.split(":").at(-1)).sort()).toEqual(["aud", "sub"]);
  });

  it.each([
    ["github-diff-trust", ":pull_request"],
    ["github-deploy-trust", ":environment:production"],
    ["gitlab-deploy-trust", ":ref_type:branch:ref:main"],
  ])("is for one kind of job, without wildcards: %s", (name, subject) => {
    const equal = read(name)[0]?.Condition?.StringEquals ?? {};
    const sub = Object.entries(equal).find(([key]) => key.endsWith(":sub"))?.[1];
    expect(sub).toBe(`\${SUBJECT}${subject}`);
  });
});
