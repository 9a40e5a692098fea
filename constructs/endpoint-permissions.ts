import type { ClusterNode } from "../topology/topology.ts";
import type { Account } from "./account.ts";
import type { NodeRole } from "./node-role.ts";
import { seeAddresses } from "./permissions.ts";
import type { Condition, Permission } from "./policy-document.ts";
import type { ServiceAddress } from "./service-address.ts";

/**
 * What the endpoints of the network let through: a second line of defence besides the roles' own policies. It also applies to
 * foreign credentials, which no role of the cluster limits.
 */

/**
 * Everything that the roles may do on S3, limited to buckets of this account: once a bucket is gone, another account can take its
 * name.
 *
 * @param pullers - nodes that also pull base images from other registries, some of which store them in S3
 */
export function throughS3(account: Account, roles: readonly NodeRole[], pullers: readonly ClusterNode[]): Permission[] {
  const condition = { ...inTheNameOf(roles), StringEquals: { "aws:ResourceAccount": account.id } };
  const own = grantedFor("s3", roles).map((permission) => ({
    ...permission,
    condition: both(condition, permission.condition),
  }));
  return [...own, ...pullers.map(readAnything)];
}

/** Everything that the roles may do on SSM. */
export function throughSsm(roles: readonly NodeRole[]): Permission[] {
  const condition = inTheNameOf(roles);
  return grantedFor("ssm", roles).map((permission) => ({ ...permission, condition }));
}

/**
 * Describe addresses and move the service address to any instance. The role's own policy limits the instances; a policy here that
 * named them would have to change whenever a proxy is replaced.
 */
export function throughEc2(account: Account, { eip }: ServiceAddress, proxies: NodeRole): Permission[] {
  const condition = inTheNameOf([proxies]);
  const move: Permission = {
    sid: "TakeServiceAddress",
    actions: ["ec2:AssociateAddress"],
    resources: [eip.arn, account.arn("ec2", "instance/*"), account.arn("ec2", "network-interface/*")],
  };
  return [...seeAddresses(), move].map((permission) => ({ ...permission, condition }));
}

function both(one: Condition, other: Condition = {}): Condition {
  const operators = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...operators].map((operator) => [operator, { ...one[operator], ...other[operator] }]));
}

function grantedFor(service: string, roles: readonly NodeRole[]): Permission[] {
  const granted = new Set(roles.flatMap((role) => role.permissions));
  return [...granted].filter(({ actions }) => actions.every((action) => action.startsWith(`${service}:`)));
}

function inTheNameOf(roles: readonly NodeRole[]): Condition {
  return { ArnEquals: { "aws:PrincipalArn": roles.map(({ arn }) => arn) } };
}

function readAnything({ privateIp }: ClusterNode): Permission {
  return {
    sid: "ReadBaseImages",
    actions: ["s3:GetObject"],
    resources: ["*"],
    condition: { IpAddress: { "aws:VpcSourceIp": `${privateIp}/32` } },
  };
}
