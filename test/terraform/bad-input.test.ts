import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Operator } from "./operator.ts";
import { suiteWithTerraform } from "./requirements.ts";

const suite = suiteWithTerraform("a deployment that AWS refuses");

/** One story, told by its steps: each begins with what the ones before have left. */
describe.skipIf(suite.skip)(suite.title, () => {
  let operator: Operator;
  beforeAll(async () => {
    operator = new Operator("refused");
    expect((await operator.emulateAws()).exitCode).toBe(0);
    expect((await operator.run("npx", "registry-cluster", "artifacts", "build")).exitCode).toBe(0);
  });
  afterAll(() => operator?.leave());

  const cdktf = (...command: string[]) => operator.run("npx", "cdktf", ...command);
  const preflight = () => operator.run("npx", "registry-cluster", "preflight");

  it("for want of credentials, says that there are none", async () => {
    const diff = await operator.runWith({ AWS_SHARED_CREDENTIALS_FILE: "/dev/null" }, "npx", "cdktf", "diff");
    expect(diff.text).toContain("No valid credential sources found");
    expect(diff.exitCode).toBe(1);
  });

  it("for a session that has ended, says so", async () => {
    const diff = await operator.runWith({ AWS_PROFILE: "expired" }, "npx", "cdktf", "diff");
    expect(diff.text).toContain("ExpiredToken: The security token included in the request is expired");
    expect(diff.exitCode).toBe(1);
  });

  it("for a region that there is not, names it", async () => {
    const there = [/^region: eu-west-1$/m, "region: eu-west-9"] as const;
    operator.edit("cluster.yml", [there, [/zones: \[.*\]/, "zones: [eu-west-9a, eu-west-9b]"]]);
    const diff = await cdktf("diff");
    operator.edit("cluster.yml", [
      [/^region: eu-west-9$/m, "region: eu-west-1"],
      [/zones: \[.*\]/, "zones: [eu-west-1a, eu-west-1b]"],
    ]);
    expect(diff.text).toMatch(/invalid AWS Region: eu-west-9/i);
    expect(diff.exitCode).toBe(1);
  });

  it("for an AMI and a bucket's name, is foretold by the preflight, with their places in the config", async () => {
    await bucketOfAnotherAccount("taken-by-somebody");
    operator.edit("cluster.yml", [
      [/ami-0123456789abcdef0/, "ami-0bad0bad0bad0bad0"],
      [/^ {2}bucket: .*$/m, "  bucket: taken-by-somebody"],
    ]);
    const { exitCode, text } = await preflight();
    expect(text).toMatch(/bastion\.ami: .*\n +given: +'ami-0bad0bad0bad0bad0'/);
    expect(text).toMatch(/storage\.bucket: taken, .*\n +given: +'taken-by-somebody'/);
    expect(exitCode).toBe(1);
  });

  it("for a bucket's name, fails with the name of the resource, and keeps what it has made", async () => {
    const { exitCode, text } = await cdktf("deploy", "--auto-approve");
    expect(text).toMatch(/BucketAlreadyExists/);
    expect(text).toContain("with aws_s3_bucket.registry_bucket");
    expect(exitCode).toBe(1);
    const resources = await resourcesInState();
    expect(resources).toContain("aws_eip.service_address");
    expect(resources).not.toContain("aws_instance.");
  });

  it("for an AMI, fails with the names of the machines, which come after the buckets, and boots none", async () => {
    operator.edit("cluster.yml", [
      [/^ {2}bucket: .*$/m, "  bucket: mended-example-internal\n  provisioningBucket: taken-by-somebody-provisioning"],
    ]);
    const { exitCode, text } = await cdktf("deploy", "--auto-approve");
    expect(text).toContain("couldn't find resource");
    expect(text).toContain("with aws_instance.bastion");
    expect(exitCode).toBe(1);
    const resources = await resourcesInState();
    expect(resources).toContain("aws_s3_bucket.registry_bucket");
    expect(resources).not.toContain("aws_instance.");
  });

  it("goes on from there once the config is mended", async () => {
    operator.edit("cluster.yml", [[/ami-0bad0bad0bad0bad0/, "ami-0123456789abcdef0"]]);
    expect((await operator.run("npx", "registry-cluster", "access", "init")).exitCode).toBe(0);
    const checked = await preflight();
    expect(checked.exitCode, checked.text).toBe(0);
    const deployed = await cdktf("deploy", "--auto-approve");
    expect(deployed.exitCode, deployed.text).toBe(0);
    expect((await cdktf("diff")).text).toContain("No changes.");
  });

  it("for a state in S3 that somebody else has locked, says who", async () => {
    const s3 = await bucketOfOurs("our-terraform-state");
    operator.edit("cluster.yml", [[/^tags: \{\}$/m, "backend:\n  s3:\n    bucket: our-terraform-state\ntags: {}"]]);
    const migrated = await migrateState();
    expect(migrated.exitCode, migrated.text).toBe(0);
    expect((await cdktf("diff")).text).toContain("No changes.");
    const lock = { ID: "1", Operation: "OperationTypeApply", Who: "somebody@elsewhere", Version: "1.11.4", Path: "" };
    const Key = `registry-cluster/${operator.name}.tfstate.tflock`;
    await s3.send(new PutObjectCommand({ Bucket: "our-terraform-state", Key, Body: JSON.stringify(lock) }));
    const diff = await cdktf("diff");
    expect(diff.text).toContain("Error acquiring the state lock");
    expect(diff.text).toContain("somebody@elsewhere");
    expect(diff.exitCode).toBe(1);
  });

  const resourcesInState = async () =>
    (await operator.run("terraform", `-chdir=cdktf.out/stacks/${operator.name}`, "state", "list")).stdout;

  /** As docs/environments.md tells it. */
  async function migrateState() {
    await operator.run("npx", "cdktf", "synth");
    const options = ["init", "-migrate-state", "-force-copy", "-input=false"];
    return operator.run("terraform", `-chdir=cdktf.out/stacks/${operator.name}`, ...options);
  }

  const endpoint = () => `http://127.0.0.1:${operator.lab.ports.api}`;

  async function bucketOfAnotherAccount(Bucket: string): Promise<void> {
    const options = { region: "eu-west-1", endpoint: endpoint() };
    const sts = new STSClient({ ...options, credentials: operator.credentials });
    const role = { RoleArn: "arn:aws:iam::222222222222:role/somebody", RoleSessionName: "somebody" };
    const { Credentials } = await sts.send(new AssumeRoleCommand(role));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    };
    const s3 = new S3Client({ ...options, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }));
  }

  /** @returns a client for the objects in it. */
  async function bucketOfOurs(Bucket: string): Promise<S3Client> {
    const options = { region: "eu-west-1", credentials: operator.credentials, forcePathStyle: true };
    const settings = new S3Client({ ...options, endpoint: endpoint() });
    const location = { LocationConstraint: "eu-west-1" } as const;
    await settings.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: location }));
    return new S3Client({ ...options, endpoint: `http://127.0.0.1:${operator.lab.ports.s3}` });
  }
});
