// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { describe, expect, it } from "vitest";
import { seldomCalled } from "../../../constructs/permissions.ts";
import { provisioningKeys } from "../../../topology/names.ts";
import { configWith, type Json, type Plan, plan, resources } from "./fixture.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const account = "${data.aws_caller_identity.current.account_id}";
const arn = (service: string, resource: string) =>
  `arn:\${data.aws_partition.current.partition}:${service}:eu-west-1:${account}:${resource}`;
const provisioning = "${aws_s3_bucket.provisioning_bucket.arn}";
const storage = "${aws_s3_bucket.registry_bucket.arn}";

const allow = (Sid: string, Action: string[], Resource: string[]) => ({ Sid, Effect: "Allow", Action, Resource });
const readBundle = allow(
  "ReadBundle",
  ["s3:GetObject"],
  [
    `${provisioning}/registry-cluster-converge`,
    `${provisioning}/current.yml`,
    `${provisioning}/${provisioningKeys.bundle("*")}`,
  ],
);
const readRollout = [
  {
    ...allow("ListRollout", ["s3:ListBucket"], [provisioning]),
    Condition: { StringEquals: { "s3:prefix": "rollout/" } },
  },
  allow("ReadRollout", ["s3:GetObject"], [`${provisioning}/rollout/*`]),
];
const writeReport = (node: string, address: string) => ({
  ...allow(
    `WriteReportOf${node.replace("-", "")}`,
    ["s3:PutObject"],
    [`${provisioning}/rollout/reports/${node}.json`, `${provisioning}/rollout/upgrades/${node}.json`],
  ),
  Condition: { IpAddress: { "aws:VpcSourceIp": `${address}/32` } },
});
const readSecrets = (folder: string) =>
  allow("ReadSecrets", ["ssm:GetParametersByPath"], [arn("ssm", `parameter/registry-cluster/registry/${folder}`)]);
const takeServiceAddress = (proxy: string) =>
  allow(
    "TakeServiceAddress",
    ["ec2:AssociateAddress"],
    [
      "${aws_eip.service_address.arn}",
      `\${aws_instance.${proxy}.arn}`,
      arn("ec2", `network-interface/\${aws_instance.${proxy}.primary_network_interface_id}`),
    ],
  );

/** Every inline policy that a role has, by its name: its statements. */
function policies(kind: string, from: Plan = plan()): Record<string, Json[]> {
  const [roleId] = Object.keys(resources(from, "aws_iam_role")).filter((id) => id.includes(kind));
  const own = Object.values(resources(from, "aws_iam_role_policy")).filter(
    ({ role }) => role === `\${aws_iam_role.${roleId}.id}`,
  );
  return Object.fromEntries(own.map(({ name, policy }) => [name, JSON.parse(policy).Statement]));
}

describe("on AWS,", () => {
  it("the bastion may fetch its bundle, see how a change goes and report its own part, nothing else", () => {
    expect(policies("bastion")).toEqual({
      provisioning: [readBundle, ...readRollout, writeReport("bastion", "10.80.0.4")],
    });
  });

  it("a builder may fetch its bundle, programs and secrets, nothing else", () => {
    const withBuilder = plan(configWith({ builder: { enabled: true } }));
    const withBuilderIp = resources(withBuilder, "aws_instance").builder.private_ip;
    expect(policies("builder", withBuilder)).toEqual({
      provisioning: [
        readBundle,
        ...readRollout,
        writeReport("builder", withBuilderIp),
        allow("ReadPrograms", ["s3:GetObject"], [`${provisioning}/${provisioningKeys.programs("*")}`]),
        readSecrets("builder"),
      ],
    });
  });

  it("a registry may fetch its bundle, image and secrets, and use its folder of the bucket, nothing else", () => {
    expect(policies("registry")).toEqual({
      provisioning: [
        readBundle,
        ...readRollout,
        writeReport("registry-1", "10.80.128.4"),
        writeReport("registry-2", "10.80.144.4"),
        allow("ReadImage", ["s3:GetObject"], [`${provisioning}/${provisioningKeys.image("*")}`]),
        readSecrets("registry"),
      ],
      storage: [
        allow("ListStorage", ["s3:ListBucket", "s3:ListBucketMultipartUploads"], [storage]),
        allow(
          "UseStorage",
          ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
          [`${storage}/registry/*`],
        ),
      ],
    });
  });

  it("a proxy may fetch its bundle and secrets, see addresses, and give the service address to a proxy, nothing else", () => {
    expect(policies("proxy")).toEqual({
      provisioning: [
        readBundle,
        ...readRollout,
        writeReport("proxy-1", "10.80.0.5"),
        writeReport("proxy-2", "10.80.16.5"),
        readSecrets("proxy"),
      ],
      "service-address": [allow("SeeAddresses", ["ec2:DescribeAddresses"], ["*"])],
      "proxy-1-service-address": [takeServiceAddress("proxy-1")],
      "proxy-2-service-address": [takeServiceAddress("proxy-2")],
    });
  });

  it("with a KMS key, nodes may also decrypt, and registries encrypt, through S3 and for the one bucket only", () => {
    const withKms = plan(configWith({ storage: { kmsKeyArn } }));
    const forBucket = (bucket: string) => ({
      StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" },
      StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucket, `${bucket}/*`] },
    });
    const decrypt = { ...allow("DecryptBundle", ["kms:Decrypt"], [kmsKeyArn]), Condition: forBucket(provisioning) };
    const encrypt = {
      ...allow("EncryptReport", ["kms:GenerateDataKey"], [kmsKeyArn]),
      Condition: forBucket(provisioning),
    };
    for (const kind of ["bastion", "registry", "proxy"]) {
      const own = policies(kind, withKms).provisioning as Json[];
      expect(own.filter(({ Action }) => !Action[0].startsWith("kms:"))).toEqual(policies(kind).provisioning);
      expect(own.filter(({ Action }) => Action[0].startsWith("kms:"))).toEqual([decrypt, encrypt]);
    }
    expect(policies("registry", withKms).storage).toEqual([
      ...(policies("registry").storage as Json[]),
      {
        ...allow("EncryptStorage", ["kms:Decrypt", "kms:GenerateDataKey"], [kmsKeyArn]),
        Condition: forBucket(storage),
      },
    ]);
  });

  it("the flow logs' role may write into their log group, make it again, and list the names of others", () => {
    const group = arn("logs", "log-group:/registry-cluster/registry/flow-logs");
    const write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
    expect(policies("flow-logs")).toEqual({
      delivery: [
        allow("WriteFlowLogs", write, [`${group}:*`]),
        allow("MakeLogGroup", ["logs:CreateLogGroup"], [group]),
        allow("FindLogGroup", ["logs:DescribeLogGroups"], ["*"]),
      ],
    });
  });

  it("each kind of node has a role of its own, which only EC2 instances take on", () => {
    const nodeRoles = Object.values(resources(plan(), "aws_iam_role")).filter(
      ({ name }) => !name.endsWith("-flow-logs"),
    );
    expect(nodeRoles.map(({ name }) => name).sort()).toEqual(
      ["bastion", "proxy", "registry"].map((kind) => `registry-eu-west-1-${kind}`),
    );
    for (const { assume_role_policy } of nodeRoles) {
      expect(JSON.parse(assume_role_policy).Statement).toEqual([
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
      ]);
    }
  });

  it("only flow logs of this account take on theirs", () => {
    const roles = Object.values(resources(plan(), "aws_iam_role"));
    const [role] = roles.filter(({ name }) => name === "registry-eu-west-1-flow-logs");
    expect(JSON.parse(role.assume_role_policy).Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": arn("ec2", "vpc-flow-log/*") },
        },
      },
    ]);
  });

  it.each(["bastion", "nat-gateway", "none"] as const)(
    "nothing is granted in another way, or to another role, with egress %s",
    (egress) => {
      const { json } = plan(configWith({ network: { egress } }));
      const types = Object.keys(json.resource).filter((type) => type.startsWith("aws_iam_"));
      expect(types.sort()).toEqual(["aws_iam_instance_profile", "aws_iam_role", "aws_iam_role_policy"]);
      const granted = Object.values<Json>(json.resource.aws_iam_role_policy).map(({ role }) => role);
      const roles = Object.keys(json.resource.aws_iam_role).map((id) => `\${aws_iam_role.${id}.id}`);
      expect(new Set(granted)).toEqual(new Set(roles));
      expect(JSON.stringify(json.resource.aws_iam_role)).not.toMatch(/inline_policy|managed_policy_arns/);
    },
  );
});

it("no role of the largest cluster exceeds what IAM takes: 10,240 characters in all its inline policies", () => {
  const largest = configWith({
    registries: { count: 8 },
    proxies: { count: 8 },
    storage: { bucket: "b".repeat(63), provisioningBucket: "p".repeat(63), kmsKeyArn },
  });
  const sizes = new Map<string, number>();
  for (const { role, policy } of Object.values<Json>(resources(plan(largest), "aws_iam_role_policy"))) {
    const size = policy.replaceAll(/\$\{([^}]*)\}/g, (_: string, reference: string) =>
      "r".repeat(lengthOf(reference)),
    ).length;
    sizes.set(role, (sizes.get(role) ?? 0) + size);
  }
  expect(Math.max(...sizes.values())).toBeLessThan(10_240);
});

/** How long the value of a reference can be. */
function lengthOf(reference: string): number {
  if (reference.endsWith(".partition")) return "aws-us-gov".length;
  if (reference.endsWith(".account_id")) return 12;
  return reference.startsWith("aws_s3_bucket.") ? "arn:aws-us-gov:s3:::".length + 63 : 100;
}

describe("a permissions boundary", () => {
  const permissionsBoundaryArn = "arn:aws:iam::111122223333:policy/registry-eu-west-1-boundary";
  const rolesWith = (access: { permissionsBoundaryArn?: string }) =>
    Object.values(resources(plan(configWith({ access, builder: { enabled: true } })), "aws_iam_role"));

  it("bounds every role there is", () => {
    const bounds = rolesWith({ permissionsBoundaryArn }).map(({ permissions_boundary }) => permissions_boundary);
    expect(bounds).toEqual(Array(5).fill(permissionsBoundaryArn));
  });

  it("is in no plan that does not ask for one", () => {
    for (const role of rolesWith({})) expect(role).not.toHaveProperty("permissions_boundary");
  });
});

describe("one proxy can be rolled without the other:", () => {
  const example = plan();

  it("its right to the address has a name that operators can type, and waits for its instance alone", () => {
    const rights = resources(example, "aws_iam_role_policy");
    for (const [own, other] of [
      ["proxy-1", "proxy-2"],
      ["proxy-2", "proxy-1"],
    ] as const) {
      const text = JSON.stringify(rights[`${own}-service-address`]);
      expect(text).toContain(`aws_instance.${own}.`);
      expect(text).not.toContain(other);
    }
  });

  it("no instance waits for another, and none for the right to the address of one", () => {
    for (const { depends_on } of Object.values(resources(example, "aws_instance"))) {
      const waitsFor = (depends_on as string[]).join(" ");
      expect(waitsFor).not.toMatch(/aws_instance\.|proxy-\d-service-address/);
    }
  });
});

describe("actions that are seldom called", () => {
  const withKms = plan(configWith({ storage: { kmsKeyArn } }));
  const allowed = ["bastion", "registry", "proxy"].flatMap((kind) =>
    Object.values(policies(kind, withKms)).flatMap((statements) => statements.flatMap(({ Action }) => Action)),
  );

  it("are allowed ones: none is left over from a policy that once was", () => {
    expect(allowed).toEqual(expect.arrayContaining(Object.keys(seldomCalled)));
  });

  it("each have a reason", () => {
    for (const reason of Object.values(seldomCalled)) expect(reason.split(" ").length).toBeGreaterThan(4);
  });
});
