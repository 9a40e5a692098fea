import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { type Creators, need, type Properties } from "./creator.ts";

/** Who may talk to whom. */
export const securityGroups: Creators = {
  async aws_security_group({ ec2 }, p) {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: p.name, Description: p.description, VpcId: p.vpc_id }),
    );
    // A new group allows all outgoing traffic; the provider removes that rule, and so must we.
    await ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
      }),
    );
    return { id: need(GroupId) };
  },

  async aws_vpc_security_group_ingress_rule({ ec2 }, p) {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(ruleOf(p)));
    return {};
  },

  async aws_vpc_security_group_egress_rule({ ec2 }, p) {
    await ec2.send(new AuthorizeSecurityGroupEgressCommand(ruleOf(p)));
    return {};
  },
};

function ruleOf(p: Properties): { GroupId: string; IpPermissions: IpPermission[] } {
  const permission = {
    IpProtocol: p.ip_protocol,
    FromPort: p.from_port,
    ToPort: p.to_port,
    ...(p.cidr_ipv4 ? { IpRanges: [{ CidrIp: p.cidr_ipv4 }] } : {}),
    ...(p.prefix_list_id ? { PrefixListIds: [{ PrefixListId: p.prefix_list_id }] } : {}),
    ...(p.referenced_security_group_id ? { UserIdGroupPairs: [{ GroupId: p.referenced_security_group_id }] } : {}),
  };
  return { GroupId: p.security_group_id, IpPermissions: [permission] };
}
