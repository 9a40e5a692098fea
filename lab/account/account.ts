import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
  type Filter,
  type IpPermission,
} from "@aws-sdk/client-ec2";
import { OperatorError } from "../../common/errors.ts";
import { tagKeys } from "../../config/derived-names.ts";
import { serviceAddressRole } from "../../topology/names.ts";
import type { Role } from "../../topology/roles.ts";

/** A running instance, as the AWS API describes it. */
export interface AccountInstance {
  readonly instanceId: string;
  /** From its tags. */
  readonly name: string;
  /** From its tags. */
  readonly role: Role;
  readonly privateIp: string;
  readonly zone: string;
  readonly securityGroupIds: readonly string[];
}

/** Where one of AWS's services answers in a zone: a network interface of an interface endpoint. */
export interface AccountEndpoint {
  readonly privateIp: string;
  readonly zone: string;
  readonly securityGroupIds: readonly string[];
}

/** Traffic that a security group allows, and its possible peers. */
export interface SecurityGroupRule {
  readonly groupId: string;
  readonly direction: "in" | "out";
  /** A protocol's name or number, -1 for all. */
  readonly protocol: string;
  /** Undefined for every port. */
  readonly ports?: { readonly from: number; readonly to: number };
  readonly cidrs: readonly string[];
  readonly groupIds: readonly string[];
  /** Of AWS's services, such as S3. */
  readonly prefixListIds: readonly string[];
}

/** A cluster's resources in the lab's AWS account, whoever created them. */
export interface Account {
  readonly instances: readonly AccountInstance[];
  readonly endpoints: readonly AccountEndpoint[];
  readonly rules: readonly SecurityGroupRule[];
  readonly serviceAddress: string;
}

/**
 * Reads a cluster's resources from the API.
 *
 * @throws OperatorError when there is no service address: nothing was deployed, or another cluster was.
 */
export async function readAccount(ec2: EC2Client, cluster: string): Promise<Account> {
  const ofCluster: Filter = { Name: `tag:${tagKeys.cluster}`, Values: [cluster] };
  const [addresses, instances, groups, endpoints] = await Promise.all([
    ec2.send(
      new DescribeAddressesCommand({
        Filters: [ofCluster, { Name: `tag:${tagKeys.role}`, Values: [serviceAddressRole] }],
      }),
    ),
    ec2.send(
      new DescribeInstancesCommand({
        Filters: [ofCluster, { Name: "instance-state-name", Values: ["pending", "running"] }],
      }),
    ),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    readEndpoints(ec2),
  ]);
  return {
    serviceAddress: known(
      addresses.Addresses?.[0]?.PublicIp,
      `the cluster '${cluster}' has no service address`,
      "deploy it: npx cdktf deploy, in the environment of npx registry-cluster lab env",
    ),
    endpoints,
    instances: (instances.Reservations ?? [])
      .flatMap((reservation) => reservation.Instances ?? [])
      .map((instance) => {
        const id = known(instance.InstanceId, "an instance has no id");
        const tags = new Map(instance.Tags?.map(({ Key, Value }) => [Key, Value]));
        return {
          instanceId: id,
          name: known(tags.get(tagKeys.node), `the instance ${id} has no tag ${tagKeys.node}`),
          role: known(tags.get(tagKeys.role), `the instance ${id} has no tag ${tagKeys.role}`) as Role,
          privateIp: known(instance.PrivateIpAddress, `the instance ${id} has no private address`),
          zone: known(instance.Placement?.AvailabilityZone, `the instance ${id} has no zone`),
          securityGroupIds: (instance.SecurityGroups ?? []).map(({ GroupId = "" }) => GroupId),
        };
      })
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    rules: (groups.SecurityGroups ?? []).flatMap(({ GroupId = "", IpPermissions = [], IpPermissionsEgress = [] }) => [
      ...IpPermissions.map((permission) => ruleOf(GroupId, "in", permission)),
      ...IpPermissionsEgress.map((permission) => ruleOf(GroupId, "out", permission)),
    ]),
  };
}

async function readEndpoints(ec2: EC2Client): Promise<AccountEndpoint[]> {
  const available = { Filters: [{ Name: "vpc-endpoint-state", Values: ["available"] }] };
  const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand(available));
  const places = VpcEndpoints.map(async ({ NetworkInterfaceIds = [], Groups = [] }) => {
    if (NetworkInterfaceIds.length === 0) return [];
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }));
    return NetworkInterfaces.map(({ PrivateIpAddress = "", AvailabilityZone = "" }) => ({
      privateIp: PrivateIpAddress,
      zone: AvailabilityZone,
      securityGroupIds: Groups.map(({ GroupId = "" }) => GroupId),
    }));
  });
  return (await Promise.all(places)).flat();
}

function ruleOf(groupId: string, direction: "in" | "out", permission: IpPermission): SecurityGroupRule {
  const { FromPort: from = -1, ToPort: to = from } = permission;
  return {
    groupId,
    direction,
    protocol: permission.IpProtocol ?? "-1",
    ...(from >= 0 ? { ports: { from, to } } : {}),
    cidrs: (permission.IpRanges ?? []).map(({ CidrIp = "" }) => CidrIp),
    groupIds: (permission.UserIdGroupPairs ?? []).map(({ GroupId = "" }) => GroupId),
    prefixListIds: (permission.PrefixListIds ?? []).map(({ PrefixListId = "" }) => PrefixListId),
  };
}

function known<T>(value: T | undefined, problem: string, fix = "npx registry-cluster lab down, then lab up again"): T {
  if (value === undefined) throw new OperatorError(problem, { fix });
  return value;
}
