// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { describe, expect, it } from "vitest";
import { provisioningKeys } from "../../../config/names.ts";
import { configWith, type Json, plan, resources } from "./fixture.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const account = "${data.aws_caller_identity.current.account_id}";
const arn = (service: string, resource: string) =>
  `arn:\${data.aws_partition.current.partition}:${service}:eu-west-1:${account}:${resource}`;
const provisioning = "${aws_s3_bucket.provisioning_bucket.arn}";
const storage = "${aws_s3_bucket.registry_bucket.arn}";

const readBundle = {
  Sid: "ReadBundle",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: [
    `${provisioning}/registry-cluster-converge`,
    `${provisioning}/current.yml`,
    `${provisioning}/${provisioningKeys.bundle("*")}`,
  ],
};
const readSecrets = (folder: string) => ({
  Sid: "ReadSecrets",
  Effect: "Allow",
  Action: ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
  Resource: [
    arn("ssm", `parameter/registry-cluster/registry/${folder}`),
    arn("ssm", `parameter/registry-cluster/registry/${folder}/*`),
  ],
});

/** Every statement that a kind of node has been granted, by its Sid. */
function statements(kind: "bastion" | "registry" | "proxy", from = plan()): Record<string, Json> {
  const policies = Object.entries(resources(from, "aws_iam_role_policy")).filter(([id]) =>
    id.startsWith(`roles_${kind}_`),
  );
  const all = policies.flatMap(([, { policy }]) => JSON.parse(policy).Statement);
  expect(new Set(all.map((statement) => statement.Sid)).size).toBe(all.length);
  return Object.fromEntries(all.map((statement) => [statement.Sid, statement]));
}

describe("on AWS,", () => {
  it("the bastion may fetch its bundle, nothing else", () => {
    expect(statements("bastion")).toEqual({ ReadBundle: readBundle });
  });

  it("a registry may fetch its bundle, image and secrets, and use its folder of the bucket", () => {
    expect(statements("registry")).toEqual({
      ReadBundle: readBundle,
      ReadImage: {
        Sid: "ReadImage",
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [`${provisioning}/${provisioningKeys.image("*")}`],
      },
      ReadSecrets: readSecrets("registry"),
      ListStorage: {
        Sid: "ListStorage",
        Effect: "Allow",
        Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        Resource: [storage],
      },
      UseStorage: {
        Sid: "UseStorage",
        Effect: "Allow",
        Action: [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:GetObject",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ],
        Resource: [`${storage}/registry/*`],
      },
    });
  });

  it("a proxy may fetch its bundle and secrets, and move the service address between the proxies", () => {
    expect(statements("proxy")).toEqual({
      ReadBundle: readBundle,
      ReadSecrets: readSecrets("proxy"),
      MoveServiceAddress: {
        Sid: "MoveServiceAddress",
        Effect: "Allow",
        Action: ["ec2:AssociateAddress"],
        Resource: [
          "${aws_eip.service_address.arn}",
          "${aws_instance.proxy-1.arn}",
          "${aws_instance.proxy-2.arn}",
          arn("ec2", "network-interface/${aws_instance.proxy-1.primary_network_interface_id}"),
          arn("ec2", "network-interface/${aws_instance.proxy-2.primary_network_interface_id}"),
        ],
      },
      SeeServiceAddress: {
        Sid: "SeeServiceAddress",
        Effect: "Allow",
        Action: ["ec2:DescribeAddresses"],
        Resource: ["*"],
      },
    });
  });

  it("with a KMS key, nodes may also decrypt, and registries encrypt", () => {
    const withKms = plan(configWith({ storage: { kmsKeyArn } }));
    const decrypt = { Sid: "DecryptBundle", Effect: "Allow", Action: ["kms:Decrypt"], Resource: [kmsKeyArn] };
    expect(statements("bastion", withKms).DecryptBundle).toEqual(decrypt);
    expect(statements("proxy", withKms).DecryptBundle).toEqual(decrypt);
    expect(statements("registry", withKms).DecryptBundle).toEqual(decrypt);
    expect(statements("registry", withKms).EncryptStorage).toEqual({
      Sid: "EncryptStorage",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: [kmsKeyArn],
    });
  });

  it("only EC2 instances take on a role, and no other way of granting is used", () => {
    const example = plan();
    for (const { assume_role_policy, name } of Object.values(resources(example, "aws_iam_role"))) {
      expect(name).toMatch(/^registry-eu-west-1-(bastion|registry|proxy)$/);
      expect(JSON.parse(assume_role_policy).Statement).toEqual([
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
      ]);
    }
    expect(
      Object.keys(example.json.resource)
        .filter((type) => type.startsWith("aws_iam_"))
        .sort(),
    ).toEqual(["aws_iam_instance_profile", "aws_iam_role", "aws_iam_role_policy"]);
  });
});
