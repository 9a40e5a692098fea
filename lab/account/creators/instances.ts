import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { arnOf, type Creators, need, type Properties, tags } from "./creator.ts";

/** Instances and their addresses. */
export const instances: Creators = {
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
};
