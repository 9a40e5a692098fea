import { readFileSync } from "node:fs";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  type EC2Client,
  ImportKeyPairCommand,
  type ResourceType,
  RunInstancesCommand,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { LabError } from "../errors.ts";
import { type Attributes, type Plan, planFile, resolve } from "../plan.ts";

/** Clients of the lab's AWS API. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly s3: S3Client;
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of each type is the provider's, and the plan was checked against it.
type Properties = Readonly<Record<string, any>>;
type Known = Readonly<Record<string, string>>;
type Creator = (clients: Clients, properties: Properties, plan: Plan) => Promise<Known>;

/**
 * Creates in the lab's AWS what the plan says, as Terraform would: one resource after the other, each with the ids of those
 * before it.
 *
 * @param existing what is known of resources that are there already.
 * @returns what is known of each resource, by its address in the plan.
 */
export async function seed(
  clients: Clients,
  plan: Plan,
  existing: Attributes = new Map(),
): Promise<Map<string, Known>> {
  const attributes = new Map([...account, ...existing]);
  for (const resource of plan.resources) {
    const create = creators[resource.type];
    if (!create) {
      if (notModelled.has(resource.type)) continue;
      throw new LabError(`the lab does not know ${resource.address}`, {
        fix: "teach it in lab/aws/seed.ts, or list it there as not modelled",
      });
    }
    attributes.set(
      resource.address,
      await create(clients, resolve(resource.properties, attributes) as Properties, plan),
    );
  }
  return attributes;
}

/** The account that the lab's AWS plays. */
const accountId = "123456789012";
const account: [string, Known][] = [
  ["data.aws_caller_identity.current", { account_id: accountId }],
  ["data.aws_partition.current", { partition: "aws" }],
];
const arnOf = async (ec2: EC2Client, resource: string) =>
  `arn:aws:ec2:${await ec2.config.region()}:${accountId}:${resource}`;

/** What matters to AWS but changes nothing that a lab node can see; or what the lab does by itself. */
export const notModelled: ReadonlySet<string> = new Set([
  "aws_default_security_group",
  "aws_internet_gateway",
  "aws_nat_gateway",
  "aws_route",
  "aws_route_table",
  "aws_route_table_association",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_vpc_endpoint",
  "aws_vpc_security_group_egress_rule",
  "aws_vpc_security_group_ingress_rule",
]);

const creators: Readonly<Record<string, Creator>> = {
  async aws_vpc({ ec2 }, p) {
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({ CidrBlock: p.cidr_block, TagSpecifications: tags("vpc", p) }),
    );
    return {
      id: need(Vpc?.VpcId),
      default_security_group_id: "",
      default_route_table_id: "",
      cidr_block: p.cidr_block,
    };
  },

  async aws_subnet({ ec2 }, p) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: p.vpc_id, CidrBlock: p.cidr_block, AvailabilityZone: p.availability_zone }),
    );
    return { id: need(Subnet?.SubnetId) };
  },

  async aws_security_group({ ec2 }, p) {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: p.name, Description: p.description, VpcId: p.vpc_id }),
    );
    return { id: need(GroupId) };
  },

  async aws_key_pair({ ec2 }, p) {
    await ec2.send(new ImportKeyPairCommand({ KeyName: p.key_name, PublicKeyMaterial: Buffer.from(p.public_key) }));
    return { id: p.key_name, key_name: p.key_name };
  },

  async aws_iam_role({ iam }, p) {
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: p.name, AssumeRolePolicyDocument: p.assume_role_policy }),
    );
    return { id: p.name, name: p.name, arn: need(Role?.Arn) };
  },

  async aws_iam_role_policy({ iam }, p) {
    await iam.send(new PutRolePolicyCommand({ RoleName: p.role, PolicyName: p.name, PolicyDocument: p.policy }));
    return { id: p.name };
  },

  async aws_iam_instance_profile({ iam }, p) {
    const profile = { InstanceProfileName: p.name };
    const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand(profile));
    await iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName: p.role }));
    return { id: p.name, name: p.name, arn: need(InstanceProfile?.Arn) };
  },

  async aws_instance({ ec2 }, p) {
    const metadata = (p.metadata_options ?? {}) as Properties;
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        MinCount: 1,
        MaxCount: 1,
        ImageId: p.ami,
        InstanceType: p.instance_type,
        KeyName: p.key_name,
        SubnetId: p.subnet_id,
        PrivateIpAddress: p.private_ip,
        SecurityGroupIds: p.vpc_security_group_ids,
        IamInstanceProfile: { Name: p.iam_instance_profile },
        MetadataOptions: {
          HttpTokens: metadata.http_tokens,
          HttpPutResponseHopLimit: metadata.http_put_response_hop_limit,
        },
        UserData: Buffer.from(p.user_data as string).toString("base64"),
        TagSpecifications: tags("instance", p),
      }),
    );
    const id = need(Instances?.[0]?.InstanceId);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const networkInterface = Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId;
    return {
      id,
      arn: await arnOf(ec2, `instance/${id}`),
      private_ip: p.private_ip,
      primary_network_interface_id: need(networkInterface),
    };
  },

  async aws_eip({ ec2 }, p) {
    const address = await ec2.send(
      new AllocateAddressCommand({ Domain: "vpc", TagSpecifications: tags("elastic-ip", p) }),
    );
    if (p.instance) {
      await ec2.send(new AssociateAddressCommand({ AllocationId: address.AllocationId, InstanceId: p.instance }));
    }
    const id = need(address.AllocationId);
    return { id, allocation_id: id, public_ip: need(address.PublicIp), arn: await arnOf(ec2, `elastic-ip/${id}`) };
  },

  async aws_eip_association({ ec2 }, p) {
    const { AssociationId } = await ec2.send(
      new AssociateAddressCommand({
        AllocationId: p.allocation_id,
        InstanceId: p.instance_id,
        NetworkInterfaceId: p.network_interface_id,
      }),
    );
    return { id: need(AssociationId) };
  },

  async aws_s3_bucket({ s3 }, p) {
    await s3.send(new CreateBucketCommand({ Bucket: p.bucket }));
    return { id: p.bucket, bucket: p.bucket, arn: `arn:aws:s3:::${p.bucket}` };
  },

  async aws_s3_object({ s3 }, p, plan) {
    const body = p.source ? readFileSync(planFile(plan, p.source)) : Buffer.from(p.content as string);
    await s3.send(new PutObjectCommand({ Bucket: p.bucket, Key: p.key, Body: body }));
    return { id: p.key, key: p.key };
  },
};

/** Resource types that this module turns into API calls. */
export const modelledTypes: readonly string[] = Object.keys(creators);

/** Tags as the provider would send them. */
function tags(type: ResourceType, properties: Properties): TagSpecification[] {
  const given = (properties.tags ?? {}) as Record<string, string>;
  return [{ ResourceType: type, Tags: Object.entries(given).map(([Key, Value]) => ({ Key, Value })) }];
}

function need(value: string | undefined): string {
  if (value === undefined) throw new LabError("the lab's AWS API gave no id for what it created");
  return value;
}
