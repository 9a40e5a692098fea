import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Construct } from "constructs";
import type { Subnet as PlannedSubnet } from "../topology/topology.ts";
import { endpointPolicy, type Permission } from "./policy-document.ts";
import { skipChecks } from "./scanner-skip.ts";

export interface NetworkProps {
  /** Prefix of the resources' Name tags. */
  readonly name: string;
  readonly region: string;
  /** Addresses of the VPC. */
  readonly cidr: string;
  readonly subnets: readonly PlannedSubnet[];
}

/**
 * The VPC with its subnets. Public ones reach the internet; private ones reach only S3,
 * until an internet route is added to `privateRoutes`.
 */
export class Network extends Construct {
  readonly name: string;
  readonly region: string;
  readonly vpc: Vpc;
  /** Everything with a public address depends on this. */
  readonly internetGateway: InternetGateway;
  readonly internetRoute: Route;
  readonly privateRoutes: RouteTable;
  /** Gateway endpoint: free access to S3, without a public address or internet access. */
  readonly s3: VpcEndpoint;
  private readonly subnets: ReadonlyMap<string, Subnet>;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    this.name = props.name;
    this.region = props.region;
    this.vpc = this.createVpc(props.cidr);
    this.internetGateway = new InternetGateway(this, "internet-gateway", {
      vpcId: this.vpc.id,
      tags: { Name: props.name },
    });

    const publicRoutes = this.createRouteTable("public");
    this.privateRoutes = this.createRouteTable("private");
    this.internetRoute = new Route(this, "public-to-internet", {
      routeTableId: publicRoutes.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: this.internetGateway.id,
    });
    this.s3 = new VpcEndpoint(this, "s3", {
      vpcId: this.vpc.id,
      serviceName: `com.amazonaws.${props.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: [publicRoutes.id, this.privateRoutes.id],
      tags: { Name: `${props.name}-s3` },
    });

    const routes = { public: publicRoutes, private: this.privateRoutes };
    this.subnets = new Map(
      props.subnets.map((subnet) => [subnet.name, this.createSubnet(subnet, routes[subnet.kind])]),
    );
  }

  /** Lets only these permissions through to S3. */
  limitS3(permissions: readonly Permission[]): void {
    this.s3.policy = endpointPolicy(permissions);
  }

  /** @returns the subnet made for a planned one. */
  subnet(planned: PlannedSubnet): Subnet {
    const subnet = this.subnets.get(planned.name);
    if (subnet) return subnet;
    const known = [...this.subnets.keys()].join(", ") || "none";
    throw new Error(`'${planned.name}' is not a subnet of '${this.node.path}', which has ${known}: plan it first`);
  }

  private createVpc(cidr: string): Vpc {
    const vpc = new Vpc(this, "vpc", {
      cidrBlock: cidr,
      // the private DNS names of interface endpoints need both
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: this.name },
    });
    // without rules, so that whatever is put into it by mistake can connect to nothing
    new DefaultSecurityGroup(this, "default-security-group", {
      vpcId: vpc.id,
      tags: { Name: `${this.name}-default-closed` },
    });
    return vpc;
  }

  private createRouteTable(kind: PlannedSubnet["kind"]): RouteTable {
    return new RouteTable(this, `${kind}-routes`, { vpcId: this.vpc.id, tags: { Name: `${this.name}-${kind}` } });
  }

  private createSubnet(planned: PlannedSubnet, routes: RouteTable): Subnet {
    const subnet = new Subnet(this, planned.name, {
      vpcId: this.vpc.id,
      availabilityZone: planned.zone,
      cidrBlock: planned.cidr,
      // a public node needs a public address before it gets an Elastic IP (bastion) or without one (standby proxy)
      mapPublicIpOnLaunch: planned.kind === "public",
      tags: { Name: `${this.name}-${planned.name}` },
    });
    if (planned.kind === "public") {
      skipChecks(subnet, {
        CKV_AWS_130:
          "A public node needs a public address before it has an Elastic IP (bastion) or while the other has it (standby " +
          "proxy). Who may reach it is up to its security group. Private subnets assign none.",
      });
    }
    new RouteTableAssociation(this, `${planned.name}-routes`, { subnetId: subnet.id, routeTableId: routes.id });
    return subnet;
  }
}
