import { describe, expect, it } from "vitest";
import { roleNames } from "../../../../topology/roles.ts";
import { withEveryRole } from "../../config/every-role.ts";
import { configWith, type Json, plan, resources } from "../../stacks/fixture.ts";
import { type Call, filledIn, policy, refused } from "./evaluator.ts";

const { ACCOUNT, REGION, NAME, BUCKET, VPC, KMS_KEY } = filledIn;
const boundary = policy("boundary-policy");
const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const onNode = { "aws:Ec2InstanceSourceVpc": VPC };
const elsewhere = { "aws:Ec2InstanceSourceVpc": "vpc-0ffffffffffffffff" };
const secrets = (folder: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/registry-cluster/${NAME}/${folder}`;
const call = (action: string, resource: string, context: Record<string, string> = onNode): Call => ({
  action,
  targets: [{ resource, context }],
});

describe("within the boundary", () => {
  const example = plan(withEveryRole(configWith({ storage: { kmsKeyArn: KMS_KEY } })));
  const grants = Object.values(resources(example, "aws_iam_role_policy")).flatMap(({ role, policy: text }) =>
    JSON.parse(filled(text)).Statement.flatMap(({ Action, Resource, Condition }: Json) =>
      Action.flatMap((action: string) =>
        Resource.map((resource: string) => ({ role, action, resource: existing(resource), Condition })),
      ),
    ),
  );

  /** The evaluator does not know keys with a colon in their own name, such as that of S3's encryption context. */
  const [keys, others] = [grants.filter(isOfKey), grants.filter((grant) => !isOfKey(grant))];

  it.each(others)(
    "a role may do what the plan grants it: $action on $resource",
    async ({ role, action, resource, Condition }) => {
      const target = {
        resource: resource === "x" ? "*" : resource,
        context: { ...contextOf(role, resource), ...prefixIn(Condition) },
      };
      expect(await refused({ action, targets: [target] }, [everything], boundary)).toEqual([]);
    },
  );

  it("roles use keys as the plan grants it: through S3, for either bucket", () => {
    const [allowed] = boundary.Statement.filter((statement: Json) => [statement.Action].flat().includes("kms:Decrypt"));
    for (const { action, Condition } of keys) {
      const { StringEquals, StringLike } = (allowed as Json).Condition;
      expect((allowed as Json).Action).toContain(action);
      expect(StringEquals).toEqual(Condition.StringEquals);
      const [[name, buckets]] = Object.entries<Json>(StringLike) as [[string, string[]]];
      expect(buckets).toEqual(expect.arrayContaining(Condition.StringLike[name]));
    }
    // every role reads the bundle and writes reports; registries read and write images
    expect(keys).toHaveLength(2 * roleNames.length + 2);
  });

  it.each([
    ["reads what only the operator may", call("ssm:GetParametersByPath", secrets("operator"))],
    ["reads another cluster's secrets", call("ssm:GetParametersByPath", secrets("proxy").replace(NAME, "other"))],
    ["reads another bucket", call("s3:GetObject", "arn:aws:s3:::other/object")],
    ["deletes the bucket", call("s3:DeleteBucket", `arn:aws:s3:::${BUCKET}`)],
    ["shares the bucket", call("s3:PutBucketPolicy", `arn:aws:s3:::${BUCKET}`)],
    ["writes what nodes fetch", call("s3:PutObject", `arn:aws:s3:::${BUCKET}-provisioning/current.yml`)],
    ["tells nodes how to go on", call("s3:PutObject", `arn:aws:s3:::${BUCKET}-provisioning/rollout/control.json`)],
    ["makes roles", call("iam:CreateRole", `arn:aws:iam::${ACCOUNT}:role/admin`)],
    ["assumes another role", call("sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/admin`)],
    ["starts machines", call("ec2:RunInstances", `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1`)],
    ["moves a foreign address", call("ec2:AssociateAddress", `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/eipalloc-1`)],
    ["decrypts past S3", call("kms:Decrypt", KMS_KEY, { "kms:ViaService": `ssm.${REGION}.amazonaws.com` })],
    ["works outside of an instance", call("s3:GetObject", `arn:aws:s3:::${BUCKET}/registry/blob`, {})],
    ["works on a foreign instance", call("s3:GetObject", `arn:aws:s3:::${BUCKET}/registry/blob`, elsewhere)],
    ["gives secrets to a foreign instance", call("ssm:GetParametersByPath", secrets("proxy"), elsewhere)],
  ])("not even an administrator's policy %s", async (_, made) => {
    expect(await refused(made, [everything], boundary)).not.toEqual([]);
    expect(await refused(made, [everything])).toEqual([]);
  });
});

/** The plan's text with Terraform's references replaced by what they come to. */
function filled(text: string): string {
  return text
    .replaceAll(/\$\{aws_s3_bucket\.(provisioning|registry)_bucket\.arn\}/g, (_, kind) =>
      kind === "registry" ? `arn:aws:s3:::${BUCKET}` : `arn:aws:s3:::${BUCKET}-provisioning`,
    )
    .replaceAll(/\$\{aws_eip\.\w+\.arn\}/g, `arn:aws:ec2:${REGION}:${ACCOUNT}:elastic-ip/eipalloc-1`)
    .replaceAll(/\$\{aws_instance\.[\w-]+\.arn\}/g, `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-1`)
    .replaceAll(/\$\{aws_instance\.[\w-]+\.primary_network_interface_id\}/g, "eni-1")
    .replaceAll(/\$\{data\.aws_partition\.\w+\.partition\}/g, "aws")
    .replaceAll(/\$\{data\.aws_caller_identity\.\w+\.account_id\}/g, ACCOUNT);
}

/** Something that a resource with wildcards stands for. */
function existing(resource: string): string {
  return resource.includes(":log-group:") ? resource.replace(/:\*$/, ":log-stream:x") : resource.replaceAll("*", "x");
}

const isOfKey = ({ action }: { action: string }) => action.startsWith("kms:");

/** The folder that a list is limited to. */
const prefixIn = (condition: Json): Record<string, string> =>
  condition?.StringEquals?.["s3:prefix"] ? { "s3:prefix": condition.StringEquals["s3:prefix"] } : {};

/** What AWS knows about a call of a node, or of the flow logs' service. */
function contextOf(role: string, resource: string): Record<string, string> {
  if (role.includes("flow-logs")) return {};
  if (resource.includes(":network-interface/"))
    return { ...onNode, "ec2:Vpc": `arn:aws:ec2:${REGION}:${ACCOUNT}:vpc/${VPC}` };
  return /:(elastic-ip|instance)\//.test(resource) ? { ...onNode, "aws:ResourceTag/Cluster": NAME } : onNode;
}
