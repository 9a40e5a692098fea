import { describe, expect, it } from "vitest";
import { roleNames } from "../../../../topology/roles.ts";
import { type Call, filledIn, policy, refused, type Target } from "./evaluator.ts";

const { ACCOUNT, REGION, NAME, BUCKET, STATE_BUCKET, VPC, KMS_KEY } = filledIn;
const boundaryArn = `arn:aws:iam::${ACCOUNT}:policy/${NAME}-${REGION}-boundary`;
const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

const ec2 = (resource: string, region = REGION) => `arn:aws:ec2:${region}:${ACCOUNT}:${resource}`;
const role = (kind: string) => `arn:aws:iam::${ACCOUNT}:role/${NAME}-${REGION}-${kind}`;
const profile = (kind: string) => `arn:aws:iam::${ACCOUNT}:instance-profile/${NAME}-${REGION}-${kind}`;

/** Of the cluster: it has the cluster's tag. */
const own = (resource: string): Target => ({
  resource: ec2(`${resource}/x-0123456789abcdef0`),
  context: { "aws:ResourceTag/Cluster": NAME },
});
/** Of somebody else in the account and region. */
const foreign = (resource: string, tags: Record<string, string> = {}): Target => ({
  resource: ec2(`${resource}/x-0fedcba9876543210`),
  context: tags,
});
/** Made by the call, with the cluster's tag. */
const made = (resource: string): Target => ({
  resource: ec2(`${resource}/*`.replace("/*", "/x-0aaaaaaaaaaaaaaaa")),
  context: { "aws:RequestTag/Cluster": NAME },
});
/** What AWS makes by itself and nobody tags: known by its network only. */
const inNetwork = (resource: string, vpc: string, more: Record<string, string> = {}): Target => ({
  resource: ec2(`${resource}/x-0bbbbbbbbbbbbbbbb`),
  context: { "ec2:Vpc": ec2(`vpc/${vpc}`), ...more },
});
const keyPair = (context: Record<string, string>): Target => ({ resource: ec2(`key-pair/${NAME}`), context });
const call = (action: string, ...targets: Target[]): Call => ({ action, targets });
const titled = (calls: readonly (readonly [string, Call])[]) => calls.map(([title, made]) => ({ title, made }));

const deploying = [policy("diff-policy"), policy("deploy-policy")];
const looking = [policy("diff-policy")];
const planning = [policy("diff-policy"), policy("preflight-policy")];

describe("a deployment", () => {
  const bounded = { "iam:PermissionsBoundary": boundaryArn };
  const tagging = (action: string, type: string) =>
    call("ec2:CreateTags", { ...made(type), context: { ...made(type).context, "ec2:CreateAction": action } });
  const needs: Call[] = [
    call("ec2:CreateVpc", made("vpc")),
    ...["CreateVpc", "CreateSubnet", "RunInstances", "AllocateAddress"].map((action) =>
      tagging(action, { CreateVpc: "vpc", CreateSubnet: "subnet", RunInstances: "instance" }[action] ?? "elastic-ip"),
    ),
    call("ec2:CreateSubnet", made("subnet"), own("vpc")),
    call("ec2:CreateRouteTable", made("route-table"), own("vpc")),
    call("ec2:CreateSecurityGroup", made("security-group"), own("vpc")),
    call("ec2:CreateInternetGateway", made("internet-gateway")),
    call("ec2:AttachInternetGateway", own("internet-gateway"), own("vpc")),
    call("ec2:CreateRoute", own("route-table")),
    call("ec2:AssociateRouteTable", own("route-table"), own("subnet")),
    call("ec2:AllocateAddress", made("elastic-ip")),
    call("ec2:CreateNatGateway", made("natgateway"), own("elastic-ip"), own("subnet")),
    call(
      "ec2:CreateVpcEndpoint",
      made("vpc-endpoint"),
      own("vpc"),
      own("subnet"),
      own("security-group"),
      own("route-table"),
    ),
    call("ec2:CreateFlowLogs", made("vpc-flow-log"), own("vpc")),
    call("ec2:AuthorizeSecurityGroupIngress", own("security-group"), made("security-group-rule")),
    call("ec2:AuthorizeSecurityGroupEgress", own("security-group"), made("security-group-rule")),
    call("ec2:ImportKeyPair", keyPair({ "aws:RequestTag/Cluster": NAME })),
    call(
      "ec2:RunInstances",
      made("instance"),
      made("volume"),
      inNetwork("network-interface", VPC),
      own("subnet"),
      own("security-group"),
      keyPair({ "aws:ResourceTag/Cluster": NAME }),
      { resource: `arn:aws:ec2:${REGION}::image/ami-0123456789abcdef0` },
    ),
    call("ec2:AssociateAddress", own("elastic-ip"), own("instance"), inNetwork("network-interface", VPC)),
    call("ec2:DisassociateAddress", own("elastic-ip"), inNetwork("network-interface", VPC)),
    // the default group of the network, which AWS makes without tags
    call("ec2:CreateTags", inNetwork("security-group", VPC, { "aws:RequestTag/Cluster": NAME })),
    call("ec2:RevokeSecurityGroupIngress", inNetwork("security-group", VPC)),
    call("ec2:RevokeSecurityGroupEgress", inNetwork("security-group", VPC)),
    ...["TerminateInstances", "StopInstances", "StartInstances", "ModifyInstanceAttribute"].map((action) =>
      call(`ec2:${action}`, own("instance")),
    ),
    call("ec2:CreateTags", { ...own("instance"), context: { ...own("instance").context, "aws:RequestTag/Team": "a" } }),
    call("ec2:DeleteTags", {
      ...own("instance"),
      context: { ...own("instance").context, "aws:TagKeys": ["Team"] },
    }),
    call("ec2:ModifyVolume", own("volume")),
    call("ec2:ModifyVpcEndpoint", own("vpc-endpoint")),
    call("ec2:ReleaseAddress", own("elastic-ip")),
    call("ec2:DeleteVpc", own("vpc")),
    call("ec2:DeleteSubnet", own("subnet")),
    call("ec2:DeleteKeyPair", keyPair({ "aws:ResourceTag/Cluster": NAME })),
    call("ec2:DescribeInstanceAttribute", own("instance")),
    call("ec2:DescribeInstances", { resource: "*" }),
    ...[...roleNames, "flow-logs"].flatMap((kind) => [
      call("iam:CreateRole", { resource: role(kind), context: bounded }),
      call("iam:PutRolePermissionsBoundary", { resource: role(kind), context: bounded }),
      call("iam:PutRolePolicy", { resource: role(kind), context: bounded }),
      call("iam:DeleteRolePolicy", { resource: role(kind), context: bounded }),
      call("iam:DeleteRole", { resource: role(kind) }),
      call("iam:TagRole", { resource: role(kind) }),
      call("iam:GetRole", { resource: role(kind) }),
    ]),
    ...roleNames.flatMap((kind) => [
      call("iam:CreateInstanceProfile", { resource: profile(kind) }),
      call("iam:AddRoleToInstanceProfile", { resource: profile(kind) }),
      call("iam:GetInstanceProfile", { resource: profile(kind) }),
      call("iam:PassRole", { resource: role(kind), context: { "iam:PassedToService": "ec2.amazonaws.com" } }),
    ]),
    call("iam:PassRole", {
      resource: role("flow-logs"),
      context: { "iam:PassedToService": "vpc-flow-logs.amazonaws.com" },
    }),
    call("s3:CreateBucket", { resource: `arn:aws:s3:::${BUCKET}` }),
    call("s3:PutObject", { resource: `arn:aws:s3:::${BUCKET}-provisioning/current.yml` }),
    call("s3:PutObject", { resource: `arn:aws:s3:::${STATE_BUCKET}/registry-cluster/${NAME}.tfstate` }),
    call("logs:CreateLogGroup", {
      resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/registry-cluster/${NAME}/flow-logs`,
    }),
  ];

  it.each(titled(needs.map((need) => [`${need.action} on ${need.targets[0]?.resource.split(/[:/]/).at(-2)}`, need])))(
    "may make the call $title",
    async ({ made }) => expect(await refused(made, deploying)).toEqual([]),
  );

  it("may make its network before anybody can know its name", async () => {
    const first = [policy("diff-policy"), policy("deploy-policy", { VPC: "*" })];
    const calls = needs.filter(({ targets }) => targets.some(({ context }) => context?.["ec2:Vpc"]));
    for (const made of calls) expect(await refused(made, first)).toEqual([]);
  });
});

describe("whoever has the deploying role", () => {
  const as = (resource: string, boundary?: string, more = {}): Target => ({
    resource,
    context: { ...(boundary ? { "iam:PermissionsBoundary": boundary } : {}), ...more },
  });
  const foreignRole = `arn:aws:iam::${ACCOUNT}:role/admin`;
  const itself = `arn:aws:iam::${ACCOUNT}:role/ci-deploy-${NAME}`;
  const otherCluster = { "aws:ResourceTag/Cluster": "other" };
  const secret = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/registry-cluster/${NAME}/registry/http-secret`;

  const attacks: [string, Call][] = [
    ["make a role without the boundary", call("iam:CreateRole", as(role("proxy")))],
    ["make a role with another boundary", call("iam:CreateRole", as(role("proxy"), administratorAccess))],
    ["make a role of another name", call("iam:CreateRole", as(foreignRole, boundaryArn))],
    [
      "make a role of a cluster whose name begins with this one's",
      call("iam:CreateRole", as(role("b-eu-west-1-proxy"), boundaryArn)),
    ],
    ["write a role that has no boundary", call("iam:PutRolePolicy", as(role("proxy")))],
    ["write its own role", call("iam:PutRolePolicy", as(itself, boundaryArn))],
    [
      "attach AdministratorAccess",
      call("iam:AttachRolePolicy", as(role("proxy"), boundaryArn, { "iam:PolicyARN": administratorAccess })),
    ],
    ["take the boundary off a role", call("iam:DeleteRolePermissionsBoundary", as(role("proxy"), boundaryArn))],
    ["give a role another boundary", call("iam:PutRolePermissionsBoundary", as(role("proxy"), administratorAccess))],
    ["rewrite the boundary", call("iam:CreatePolicyVersion", as(boundaryArn))],
    ["switch the boundary to an older version", call("iam:SetDefaultPolicyVersion", as(boundaryArn))],
    ["delete the boundary", call("iam:DeletePolicy", as(boundaryArn))],
    ["let another account assume a role", call("iam:UpdateAssumeRolePolicy", as(role("proxy"), boundaryArn))],
    ["make a user", call("iam:CreateUser", as(`arn:aws:iam::${ACCOUNT}:user/mallory`))],
    ["make keys of a user", call("iam:CreateAccessKey", as(`arn:aws:iam::${ACCOUNT}:user/admin`))],
    [
      "give a machine a foreign role",
      call("iam:PassRole", as(foreignRole, undefined, { "iam:PassedToService": "ec2.amazonaws.com" })),
    ],
    [
      "give a node's role to a function",
      call("iam:PassRole", as(role("registry"), undefined, { "iam:PassedToService": "lambda.amazonaws.com" })),
    ],
    [
      "put a foreign role into a profile",
      call("iam:AddRoleToInstanceProfile", as(`arn:aws:iam::${ACCOUNT}:instance-profile/admin`)),
    ],
    ["assume a role", call("sts:AssumeRole", as(foreignRole))],
    ...(["TerminateInstances", "StopInstances", "ModifyInstanceAttribute"] as const).flatMap(
      (action): [string, Call][] => [
        [`${action}: a machine without tags`, call(`ec2:${action}`, foreign("instance"))],
        [`${action}: a machine of another cluster`, call(`ec2:${action}`, foreign("instance", otherCluster))],
      ],
    ),
    ["delete a foreign network", call("ec2:DeleteVpc", foreign("vpc"))],
    [
      "open a foreign security group",
      call("ec2:AuthorizeSecurityGroupIngress", foreign("security-group"), made("security-group-rule")),
    ],
    [
      "close a foreign security group",
      call("ec2:RevokeSecurityGroupIngress", inNetwork("security-group", "vpc-0ffffffffffffffff")),
    ],
    [
      "close another cluster's security group",
      call("ec2:RevokeSecurityGroupIngress", foreign("security-group", otherCluster)),
    ],
    ["route a foreign subnet", call("ec2:CreateRoute", foreign("route-table"))],
    ["make a subnet in a foreign network", call("ec2:CreateSubnet", made("subnet"), foreign("vpc"))],
    [
      "start a machine in a foreign subnet",
      call(
        "ec2:RunInstances",
        made("instance"),
        foreign("subnet"),
        inNetwork("network-interface", "vpc-0ffffffffffffffff"),
      ),
    ],
    ["start a machine that is not the cluster's", call("ec2:RunInstances", foreign("instance"))],
    ["release a foreign address", call("ec2:ReleaseAddress", foreign("elastic-ip"))],
    ["lead the address to a foreign machine", call("ec2:AssociateAddress", own("elastic-ip"), foreign("instance"))],
    [
      "take over a foreign interface",
      call("ec2:AssociateAddress", own("elastic-ip"), inNetwork("network-interface", "vpc-0ffffffffffffffff")),
    ],
    ...(["instance", "vpc", "security-group", "elastic-ip", "volume"] as const).map((type): [string, Call] => [
      `claim a foreign ${type} by the cluster's tag`,
      call("ec2:CreateTags", foreign(type, { "aws:RequestTag/Cluster": NAME })),
    ]),
    [
      "claim another cluster's machine by the tag",
      call("ec2:CreateTags", foreign("instance", { "aws:RequestTag/Cluster": NAME, ...otherCluster })),
    ],
    [
      "give its own machine to another cluster",
      call("ec2:CreateTags", {
        ...own("instance"),
        context: { ...own("instance").context, "aws:RequestTag/Cluster": "other" },
      }),
    ],
    [
      "take the cluster's tag away",
      call("ec2:DeleteTags", {
        ...own("instance"),
        context: { ...own("instance").context, "aws:TagKeys": ["Cluster"] },
      }),
    ],
    ["record a foreign network", call("ec2:CreateFlowLogs", made("vpc-flow-log"), foreign("vpc"))],
    ["delete another key pair", call("ec2:DeleteKeyPair", foreign("key-pair"))],
    [
      "end a machine in another region",
      call("ec2:TerminateInstances", { ...own("instance"), resource: ec2("instance/i-1", "us-east-1") }),
    ],
    ["read foreign user data", call("ec2:DescribeInstanceAttribute", foreign("instance"))],
    ["read a snapshot's blocks", call("ebs:GetSnapshotBlock", as(`arn:aws:ec2:${REGION}::snapshot/snap-1`))],
    ["read a secret", call("ssm:GetParameter", as(secret))],
    [
      "read the operator's secrets",
      call("ssm:GetParametersByPath", as(secret.replace("/registry/http-secret", "/operator"))),
    ],
    [
      "decrypt a secret",
      call("kms:Decrypt", as(KMS_KEY, undefined, { "kms:ViaService": `ssm.${REGION}.amazonaws.com` })),
    ],
    ["read an image", call("s3:GetObject", as(`arn:aws:s3:::${BUCKET}/registry/blob`))],
    ["write an image", call("s3:PutObject", as(`arn:aws:s3:::${BUCKET}/registry/blob`))],
    ["delete the bucket", call("s3:DeleteBucket", as(`arn:aws:s3:::${BUCKET}`))],
    ["read another bucket", call("s3:GetObject", as("arn:aws:s3:::other-provisioning/current.yml"))],
    [
      "read another cluster's state",
      call("s3:GetObject", as(`arn:aws:s3:::${STATE_BUCKET}/registry-cluster/other.tfstate`)),
    ],
    [
      "write another cluster's state",
      call("s3:PutObject", as(`arn:aws:s3:::${STATE_BUCKET}/registry-cluster/other.tfstate`)),
    ],
    [
      "delete another cluster's records",
      call("logs:DeleteLogGroup", as(`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/registry-cluster/other/flow-logs`)),
    ],
    [
      "read records",
      call(
        "logs:GetLogEvents",
        as(`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/registry-cluster/${NAME}/flow-logs:log-stream:a`),
      ),
    ],
  ];

  it.each(titled(attacks))("cannot $title", async ({ made }) => {
    expect(await refused(made, deploying)).not.toEqual([]);
  });

  it("cannot claim another cluster's groups, even before its network is named", async () => {
    const first = [policy("diff-policy"), policy("deploy-policy", { VPC: "*" })];
    const claim = inNetwork("security-group", "vpc-0ffffffffffffffff", {
      "aws:RequestTag/Cluster": NAME,
      ...otherCluster,
    });
    expect(await refused(call("ec2:CreateTags", claim), first)).not.toEqual([]);
  });

  it("would succeed with each of them as an administrator: it is the policies that refuse them", async () => {
    const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    for (const [title, made] of attacks) expect(await refused(made, [everything]), title).toEqual([]);
  });
});

describe("whoever can run code in a job of a pull request", () => {
  const secret = { resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/registry-cluster/${NAME}/registry` };
  const reads: [string, Call][] = [
    ["user data of other machines", call("ec2:DescribeInstanceAttribute", foreign("instance"))],
    [
      "user data of another cluster's machines",
      call("ec2:DescribeInstanceAttribute", foreign("instance", { "aws:ResourceTag/Cluster": "other" })),
    ],
    ["user data in launch templates", call("ec2:DescribeLaunchTemplateVersions", { resource: "*" })],
    [
      "machines of other regions",
      call("ec2:DescribeInstances", { resource: "*", context: { "aws:RequestedRegion": "us-east-1" } }),
    ],
    ["consoles", call("ec2:GetConsoleOutput", own("instance"))],
    ["the names of secrets", call("ssm:GetParametersByPath", secret)],
    ["a secret", call("ssm:GetParameter", secret)],
    ["an image", call("s3:GetObject", { resource: `arn:aws:s3:::${BUCKET}/registry/blob` })],
    ["other buckets", call("s3:GetObject", { resource: "arn:aws:s3:::other/object" })],
    ["the names in other buckets", call("s3:ListBucket", { resource: "arn:aws:s3:::other" })],
    [
      "other clusters' states",
      call("s3:GetObject", { resource: `arn:aws:s3:::${STATE_BUCKET}/registry-cluster/other.tfstate` }),
    ],
    [
      "records",
      call("logs:GetLogEvents", {
        resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/registry-cluster/${NAME}/flow-logs:log-stream:a`,
      }),
    ],
    ["other roles", call("iam:GetRole", { resource: `arn:aws:iam::${ACCOUNT}:role/admin` })],
    [
      "roles of a cluster whose name begins with this one's",
      call("iam:GetRole", { resource: role("b-eu-west-1-proxy") }),
    ],
  ];

  it.each(titled(reads))("does not read $title", async ({ made }) => {
    expect(await refused(made, looking)).not.toEqual([]);
  });

  it("reads the cluster's own machines", async () => {
    expect(await refused(call("ec2:DescribeInstanceAttribute", own("instance")), looking)).toEqual([]);
  });
});

describe("the job that plans a deployment", () => {
  const names = { resource: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/registry-cluster/${NAME}/registry` };

  it("sees that secrets are there", async () => {
    expect(await refused(call("ssm:GetParametersByPath", names), planning)).toEqual([]);
  });

  it("cannot decrypt them", async () => {
    const decrypt = { resource: KMS_KEY, context: { "kms:ViaService": `ssm.${REGION}.amazonaws.com` } };
    expect(await refused(call("kms:Decrypt", decrypt), [...planning, policy("diff-kms-policy")])).not.toEqual([]);
  });
});

describe("keys", () => {
  const through = (service: string) => ({
    resource: KMS_KEY,
    context: { "kms:ViaService": `${service}.${REGION}.amazonaws.com` },
  });

  it("are used through S3 only", async () => {
    const policies = [policy("diff-kms-policy"), policy("deploy-kms-policy")];
    for (const action of ["kms:Decrypt", "kms:GenerateDataKey"]) {
      expect(await refused(call(action, through("s3")), policies)).toEqual([]);
      expect(await refused(call(action, through("secretsmanager")), policies)).not.toEqual([]);
      expect(await refused(call(action, { resource: KMS_KEY }), policies)).not.toEqual([]);
    }
  });
});
