import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Construct } from "constructs";
import { ports } from "../topology/ports.ts";
import type { Subnet } from "../topology/topology.ts";
import type { Network } from "./network.ts";
import { endpointPolicy, type Permission } from "./policy-document.ts";
import { connect, SecurityGroup, tcp } from "./security-group.ts";

export interface InterfaceEndpointProps {
  readonly network: Network;
  /** AWS service: `ec2`, `ssm`. */
  readonly service: string;
  /** Subnets that get an address of the endpoint, each at most once. */
  readonly subnets: readonly Subnet[];
  /** Who may use it. */
  readonly clients: readonly SecurityGroup[];
  /** What it lets through, and nothing else. */
  readonly permissions: readonly Permission[];
}

/**
 * Makes an AWS service reachable within the VPC under its usual host name, at planned addresses.
 * Costs about 7 USD a month for each subnet.
 */
export class InterfaceEndpoint extends Construct {
  readonly endpoint: VpcEndpoint;

  constructor(scope: Construct, id: string, props: InterfaceEndpointProps) {
    super(scope, id);
    const { network, service } = props;
    const group = new SecurityGroup(this, `${service}-endpoint`, {
      network,
      description: `Interface endpoint of ${service}`,
    });
    for (const client of props.clients) {
      connect(client, group, tcp(ports.https), `API of ${service}`);
    }
    const places = props.subnets.map((planned) => ({
      ipv4: planned.endpointIp,
      subnetId: network.subnet(planned).id,
    }));
    this.endpoint = new VpcEndpoint(this, "endpoint", {
      vpcId: network.vpc.id,
      serviceName: `com.amazonaws.${network.region}.${service}`,
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: places.map((place) => place.subnetId),
      subnetConfiguration: places,
      securityGroupIds: [group.id],
      policy: endpointPolicy(props.permissions),
      tags: { Name: `${network.name}-${service}` },
    });
  }
}
