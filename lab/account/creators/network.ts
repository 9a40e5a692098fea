import {
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribePrefixListsCommand,
  ModifySubnetAttributeCommand,
} from "@aws-sdk/client-ec2";
import { type Creators, type Known, need, type Properties, tags } from "./creator.ts";

/** Networks, route tables and endpoints. */
export const network: Creators = {
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
    const id = need(Subnet?.SubnetId);
    const MapPublicIpOnLaunch = { Value: Boolean(p.map_public_ip_on_launch) };
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: id, MapPublicIpOnLaunch }));
    return { id };
  },

  async aws_route_table({ ec2 }, p) {
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: p.vpc_id }));
    return { id: need(RouteTable?.RouteTableId) };
  },

  async aws_vpc_endpoint({ ec2 }, p) {
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: p.vpc_id,
        VpcEndpointType: p.vpc_endpoint_type,
        ServiceName: p.service_name,
        RouteTableIds: p.route_table_ids,
        SubnetIds: p.subnet_ids,
        SubnetConfigurations: p.subnet_configuration?.map((place: Properties) => ({
          SubnetId: place.subnet_id,
          Ipv4: place.ipv4,
        })),
        SecurityGroupIds: p.security_group_ids,
        PrivateDnsEnabled: p.private_dns_enabled,
        PolicyDocument: p.policy,
      }),
    );
    const known: Known = { id: need(VpcEndpoint?.VpcEndpointId) };
    if (p.vpc_endpoint_type !== "Gateway") return known;
    const byService = { Filters: [{ Name: "prefix-list-name", Values: [p.service_name] }] };
    const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand(byService));
    return { ...known, prefix_list_id: need(PrefixLists?.[0]?.PrefixListId) };
  },
};
