import type { ClusterNode } from "../topology/topology.ts";
import type { Account } from "./account.ts";
import type { NodeRole } from "./node-role.ts";
import { seeAddresses } from "./permissions.ts";
import type { Condition, Permission } from "./policy-document.ts";
import type { ServiceAddress } from "./service-address.ts";

/**
 * What the endpoints of the network let through: a second lock, beside the roles' own policies. It holds for credentials
 * that somebody brings along, which no role of the cluster confines.
 */

/**
 * Everything that the roles may ask of S3, on buckets of this account: a bucket's name can be another account's once the
 * bucket is gone.
 *
 * @param pullers - nodes that pull base images from registries besides, some of which keep theirs in S3
 */
export function throughS3(account: Account, roles: readonly NodeRole[], pullers: readonly ClusterNode[]): Permission[] {
  const condition = { ...inTheNameOf(roles), StringEquals: { "aws:ResourceAccount": account.id } };
  const own = grantedFor("s3", roles).map((permission) => ({ ...permission, condition }));
  return [...own, ...pullers.map(readAnything)];
}

/** Everything that the roles may ask of SSM. */
export function throughSsm(roles: readonly NodeRole[]): Permission[] {
  const condition = inTheNameOf(roles);
  return grantedFor("ssm", roles).map((permission) => ({ ...permission, condition }));
}

/**
 * See addresses and move the service address, to any instance: to which ones is for the role to say. A policy that named
 * them would have to change whenever a proxy is replaced.
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
