// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references look like this
import { describe, expect, it } from "vitest";
import { configWith, type Json, named, type Plan, plan, resources } from "./fixture.ts";

const withBuilder = plan(configWith({ builder: { enabled: true } }));
const shutIn = plan(configWith({ network: { egress: "none" } }));
const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const configs: [string, Plan][] = [
  ["the example's config", plan()],
  ["a KMS key", plan(configWith({ storage: { kmsKeyArn } }))],
  ["a builder", withBuilder],
  ["no way out", shutIn],
];

const account = "${data.aws_caller_identity.current.account_id}";
const arn = (resource: string) => `arn:\${data.aws_partition.current.partition}:ec2:eu-west-1:${account}:${resource}`;
const roleArn = (from: Plan, kind: string) => {
  const [id] = Object.keys(resources(from, "aws_iam_role")).filter((name) => name.includes(`roles_${kind}`));
  return `\${aws_iam_role.${id}.arn}`;
};
const endpoint = (from: Plan, service: string): Json[] =>
  JSON.parse(named(from, "aws_vpc_endpoint", `registry-${service}`).policy ?? '{"Statement": []}').Statement;
/** What the nodes' roles are granted of a service, as actions and resources. */
const granted = (from: Plan, service: string) =>
  Object.values(resources(from, "aws_iam_role_policy"))
    .filter(({ role }) => !role.includes("flow-logs"))
    .flatMap(({ policy }) => JSON.parse(policy).Statement as Json[])
    .filter(({ Action }) => Action.every((action: string) => action.startsWith(`${service}:`)))
    .map(({ Action, Resource }) => ({ Action, Resource }));

describe.each(configs)("with %s, the S3 endpoint", (_, example) => {
  const own = endpoint(example, "s3").filter(({ Resource }) => !Resource.includes("*"));

  it("lets through all that a role is granted of S3, and nothing else", () => {
    const through = own.map(({ Action, Resource }) => ({ Action, Resource }));
    expect(through).toEqual(expect.arrayContaining(granted(example, "s3")));
    expect(granted(example, "s3")).toEqual(expect.arrayContaining(through));
    expect(new Set(through.map((statement) => JSON.stringify(statement))).size).toBe(through.length);
  });

  it("does so in the names of the nodes' roles, and for buckets of this account", () => {
    const kinds = ["bastion", "registry", "proxy", ...(example === withBuilder ? ["builder"] : [])];
    for (const { Effect, Principal, Condition } of own) {
      expect({ Effect, Principal, Condition }).toMatchObject({
        Effect: "Allow",
        Principal: "*",
        Condition: {
          ArnEquals: { "aws:PrincipalArn": kinds.map((kind) => roleArn(example, kind)) },
          StringEquals: { "aws:ResourceAccount": account },
        },
      });
    }
  });
});

describe("the S3 endpoint", () => {
  it("lets each node write its own report, and list nothing but reports", () => {
    const through = (action: string, resource: string): Json =>
      endpoint(plan(), "s3").find(({ Action, Resource }) => Action[0] === action && Resource[0].endsWith(resource));
    expect(through("s3:PutObject", "/rollout/reports/proxy-2.json").Condition.IpAddress).toEqual({
      "aws:VpcSourceIp": "10.80.16.5/32",
    });
    expect(through("s3:ListBucket", "provisioning_bucket.arn}").Condition.StringEquals).toEqual({
      "aws:ResourceAccount": account,
      "s3:prefix": "rollout/",
    });
  });

  it("lets a builder read anybody's objects, where base images may be, and no other node", () => {
    const anywhere = endpoint(withBuilder, "s3").filter(({ Resource }) => Resource.includes("*"));
    const { private_ip } = resources(withBuilder, "aws_instance").builder;
    expect(anywhere).toEqual([
      {
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject"],
        Resource: ["*"],
        Condition: { IpAddress: { "aws:VpcSourceIp": `${private_ip}/32` } },
      },
    ]);
    expect(JSON.stringify(endpoint(plan(), "s3"))).not.toContain('"*"]');
  });
});

describe("the EC2 endpoint", () => {
  const through = endpoint(plan(), "ec2");

  it("lets proxies see addresses and move the service address, and nothing else", () => {
    expect(through.map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: ["ec2:DescribeAddresses"], Resource: ["*"] },
      {
        Action: ["ec2:AssociateAddress"],
        Resource: ["${aws_eip.service_address.arn}", arn("instance/*"), arn("network-interface/*")],
      },
    ]);
    for (const { Condition } of through)
      expect(Condition).toEqual({ ArnEquals: { "aws:PrincipalArn": [roleArn(plan(), "proxy")] } });
  });

  it("names no instance: a proxy can be replaced without it", () => {
    expect(JSON.stringify(through)).not.toContain("aws_instance.");
  });
});

describe("the SSM endpoint", () => {
  it("lets through the secrets of the nodes that use it, in their roles' names, and nothing else", () => {
    const through = endpoint(shutIn, "ssm");
    const secrets = through.map(({ Action, Resource }) => ({ Action, Resource }));
    expect(secrets).toHaveLength(2);
    expect(secrets).toEqual(expect.arrayContaining(granted(shutIn, "ssm")));
    const kinds = ["registry", "proxy"].map((kind) => roleArn(shutIn, kind));
    for (const { Condition } of through) expect(Condition).toEqual({ ArnEquals: { "aws:PrincipalArn": kinds } });
  });
});

it.each(configs)("no endpoint is without a policy, with %s", (_, example) => {
  const endpoints = Object.values(resources(example, "aws_vpc_endpoint"));
  expect(endpoints.filter(({ policy }) => policy === undefined)).toEqual([]);
});
