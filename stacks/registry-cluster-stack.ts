import { KeyPair } from "@cdktf/provider-aws/lib/key-pair";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { type ITerraformDependable, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import { Account } from "../constructs/account.ts";
import { Bastion } from "../constructs/bastion.ts";
import { ClusterInstance } from "../constructs/cluster-instance.ts";
import { ClusterOutputs } from "../constructs/cluster-outputs.ts";
import { ClusterRoles } from "../constructs/cluster-roles.ts";
import { ClusterSecurityGroups } from "../constructs/cluster-security-groups.ts";
import { throughEc2, throughS3, throughSsm } from "../constructs/endpoint-permissions.ts";
import { FlowLogs } from "../constructs/flow-logs.ts";
import { InterfaceEndpoint } from "../constructs/interface-endpoint.ts";
import { Network } from "../constructs/network.ts";
import { takeServiceAddress } from "../constructs/permissions.ts";
import { PrivateBucket } from "../constructs/private-bucket.ts";
import { BastionEgress, NatGatewayEgress } from "../constructs/private-egress.ts";
import { type Archive, type ProvisioningBundle, ProvisioningObjects } from "../constructs/provisioning-objects.ts";
import { ServiceAddress } from "../constructs/service-address.ts";
import { clusterTags } from "../constructs/tags.ts";
import { terraformLiteral } from "../constructs/terraform-literal.ts";
import type { ClusterNode, Subnet, Topology } from "../topology/topology.ts";
import { topologyProblems } from "./topology-check.ts";

export interface RegistryClusterStackProps {
  readonly topology: Topology;
  readonly bundle: ProvisioningBundle;
  readonly registryImage: Archive;
  /** Used where the config wants a builder. */
  readonly buildkit: Archive;
  /** @returns the script that a node runs on its first boot. */
  readonly userData: (node: ClusterNode) => string;
}

/** The whole cluster on AWS. */
export class RegistryClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: RegistryClusterStackProps) {
    super(scope, id);
    const { topology } = props;
    const { config } = topology;
    this.node.addValidation({ validate: () => topologyProblems(topology) });
    this.configureProvider(config);

    const account = new Account(this, "account", { region: config.region });
    const network = new Network(this, "network", {
      name: config.name,
      region: config.region,
      cidr: config.network.cidr,
      subnets: topology.subnets,
    });
    new FlowLogs(this, "flow-logs", {
      network,
      account,
      traffic: config.network.flowLogs,
      permissionsBoundary: config.access.permissionsBoundaryArn,
    });
    const serviceAddress = new ServiceAddress(this, "service-address", { cluster: config.name, network });

    const registryBucket = new PrivateBucket(this, "registry-bucket", {
      bucketName: config.storage.bucket,
      logicalId: "registry_bucket",
      kmsKeyArn: config.storage.kmsKeyArn,
    });
    const provisioningBucket = new PrivateBucket(this, "provisioning-bucket", {
      bucketName: topology.provisioningBucket,
      logicalId: "provisioning_bucket",
      kmsKeyArn: config.storage.kmsKeyArn,
    });
    const provisioning = new ProvisioningObjects(this, "provisioning", {
      bucket: provisioningBucket,
      bundle: props.bundle,
      registryImage: props.registryImage,
      buildkit: topology.builder && props.buildkit,
    });

    const roles = new ClusterRoles(this, "roles", { config, account, registryBucket, provisioningBucket });
    network.limitS3(throughS3(account, roles.all, topology.builder));
    const groups = new ClusterSecurityGroups(this, "security-groups", {
      network,
      access: config.access,
      egress: config.network.egress,
      hasBuilder: topology.builder !== undefined,
    });
    // a standby proxy, which may have no public address, must be able to take the service address
    new InterfaceEndpoint(this, "ec2", {
      network,
      service: "ec2",
      subnets: subnetsOf(topology.proxies),
      clients: [groups.proxies],
      permissions: throughEc2(account, serviceAddress, roles.proxy),
    });

    const shared = {
      cluster: config.name,
      network,
      keyPair: new KeyPair(this, "key-pair", {
        keyName: config.name,
        publicKey: terraformLiteral(config.access.sshPublicKey),
      }),
    };
    const fetching = [
      provisioning.pointer,
      network.s3,
      ...this.createSecretsEndpoint(topology, network, groups, roles),
    ];

    const bastion = new Bastion(this, "bastion", {
      ...shared,
      node: topology.bastion,
      role: roles.bastion,
      securityGroup: groups.bastion,
      userData: props.userData(topology.bastion),
      bootsAfter: [...fetching, network.internetRoute],
      sourceDestCheck: config.network.egress !== "bastion",
    });
    const privateRoutes = this.createPrivateEgress(topology, network, bastion);
    for (const node of topology.registries) {
      new ClusterInstance(this, node.name, {
        ...shared,
        node,
        role: roles.registry,
        securityGroup: groups.registries,
        userData: props.userData(node),
        bootsAfter: [...fetching, ...privateRoutes],
      });
    }
    if (topology.builder && roles.builder && groups.builder) {
      new ClusterInstance(this, topology.builder.name, {
        ...shared,
        node: topology.builder,
        role: roles.builder,
        securityGroup: groups.builder,
        userData: props.userData(topology.builder),
        bootsAfter: [...fetching, ...privateRoutes],
      });
    }
    const proxies = topology.proxies.map(
      (node) =>
        new ClusterInstance(this, node.name, {
          ...shared,
          node,
          role: roles.proxy,
          securityGroup: groups.proxies,
          userData: props.userData(node),
          bootsAfter: [...fetching, network.internetRoute],
        }),
    );
    // only now that all proxies are there: an instance waits for what its role has been granted so far,
    // and one proxy must not wait for the other
    for (const proxy of proxies) {
      const name = `${proxy.name}-service-address`;
      const policy = roles.proxy.grant(name, takeServiceAddress(account, serviceAddress, proxy));
      // the name that operators type when they roll a proxy: -target=aws_iam_role_policy.proxy-2-service-address
      policy.overrideLogicalId(name);
    }

    new ClusterOutputs(this, "outputs", { topology, serviceAddress, bastion });
  }

  private configureProvider(config: ClusterConfig): void {
    new AwsProvider(this, "aws", { region: config.region, defaultTags: [{ tags: clusterTags(config) }] });
    // cdktf pins the very version its bindings were made from; every later 6.x understands them
    this.addOverride("terraform.required_providers.aws.version", "~> 6.25");
  }

  /** Without a way out, secrets are all that a node needs from outside of the VPC and S3. */
  private createSecretsEndpoint(
    topology: Topology,
    network: Network,
    groups: ClusterSecurityGroups,
    { registry, proxy }: ClusterRoles,
  ): ITerraformDependable[] {
    if (topology.config.network.egress !== "none") return [];
    const { endpoint } = new InterfaceEndpoint(this, "ssm", {
      network,
      service: "ssm",
      subnets: subnetsOf(topology.registries),
      clients: [groups.registries, groups.proxies],
      permissions: throughSsm([registry, proxy]),
    });
    return [endpoint];
  }

  private createPrivateEgress(topology: Topology, network: Network, bastion: Bastion): ITerraformDependable[] {
    switch (topology.config.network.egress) {
      case "bastion":
        return [new BastionEgress(this, "egress", { network, bastion }).route];
      case "nat-gateway":
        return [new NatGatewayEgress(this, "egress", { network, subnet: topology.bastion.subnet }).route];
      case "none":
        return [];
    }
  }
}

function subnetsOf(nodes: readonly ClusterNode[]): Subnet[] {
  return [...new Map(nodes.map((node) => [node.subnet.name, node.subnet])).values()];
}
