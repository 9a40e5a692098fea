import { Eip } from "@cdktf/provider-aws/lib/eip";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { Construct } from "constructs";
import type { Subnet } from "../topology/topology.ts";
import type { Bastion } from "./bastion.ts";
import type { Network } from "./network.ts";

export interface BastionEgressProps {
  readonly network: Network;
  readonly bastion: Bastion;
}

/** Private nodes reach the internet through the bastion, which translates their addresses. No extra cost. */
export class BastionEgress extends Construct {
  readonly route: Route;

  constructor(scope: Construct, id: string, props: BastionEgressProps) {
    super(scope, id);
    this.route = new Route(this, "private-to-bastion", {
      routeTableId: props.network.privateRoutes.id,
      destinationCidrBlock: "0.0.0.0/0",
      networkInterfaceId: props.bastion.instance.primaryNetworkInterfaceId,
    });
  }
}

export interface NatGatewayEgressProps {
  readonly network: Network;
  /** Public subnet that holds the gateway. */
  readonly subnet: Subnet;
}

/**
 * Private nodes reach the internet through one NAT gateway, for about 35 USD a month.
 * One is enough: a node needs it for its first boot and for updates, but not to serve.
 */
export class NatGatewayEgress extends Construct {
  readonly route: Route;

  constructor(scope: Construct, id: string, props: NatGatewayEgressProps) {
    super(scope, id);
    const { network, subnet } = props;
    const tags = { Name: `${network.name}-nat-gateway` };
    const eip = new Eip(this, "eip", { domain: "vpc", tags, dependsOn: [network.internetGateway] });
    // others may have allowed the address in their firewalls, so renaming a construct must not release it
    eip.overrideLogicalId("nat_gateway_address");
    const gateway = new NatGateway(this, "gateway", {
      subnetId: network.subnet(subnet).id,
      allocationId: eip.allocationId,
      privateIp: subnet.natGatewayIp,
      tags,
      dependsOn: [network.internetRoute],
    });
    this.route = new Route(this, "private-to-gateway", {
      routeTableId: network.privateRoutes.id,
      destinationCidrBlock: "0.0.0.0/0",
      natGatewayId: gateway.id,
    });
  }
}
