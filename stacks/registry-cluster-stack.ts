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
import { isFetched, roleEntry, rolesOf, secretReadersOf } from "../topology/roles.ts";
import { bastionOf, type ClusterNode, nodesOf, subnetsOf, type Topology } from "../topology/topology.ts";
import { providerVersion } from "./provider-lock.ts";

export interface RegistryClusterStackProps {
  readonly topology: Topology;
  readonly bundle: ProvisioningBundle;
  readonly registryImage: Archive;
  /** Used if the config enables a builder. */
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
    const present = rolesOf(config);
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
    const serviceAddress = new ServiceAddress(this, "service-address", { cluster: config.name });

    const registryBucket = new PrivateBucket(this, "registry-bucket", {
      bucketName: config.storage.bucket,
      logicalId: "registry_bucket",
      restorableDays: config.storage.restorableDays,
      kmsKeyArn: config.storage.kmsKeyArn,
    });
    const provisioningBucket = new PrivateBucket(this, "provisioning-bucket", {
      bucketName: topology.provisioningBucket,
      logicalId: "provisioning_bucket",
      restorableDays: config.storage.restorableDays,
      kmsKeyArn: config.storage.kmsKeyArn,
    });
    const provisioning = new ProvisioningObjects(this, "provisioning", {
      bucket: provisioningBucket,
      bundle: props.bundle,
      registryImage: props.registryImage,
      buildkit: isFetched(config, "programs") ? props.buildkit : undefined,
    });

    const roles = new ClusterRoles(this, "roles", {
      config,
      nodes: topology.nodes,
      account,
      registryBucket,
      provisioningBucket,
    });
    const pullers = topology.nodes.filter(({ role }) => roleEntry(role).pullsBaseImages);
    network.limitS3(throughS3(account, roles.all, pullers));
    const groups = new ClusterSecurityGroups(this, "security-groups", {
      network,
      access: config.access,
      egress: config.network.egress,
      roles: present,
    });
    // a standby proxy may have no public address, but must be able to take the service address
    new InterfaceEndpoint(this, "ec2", {
      network,
      service: "ec2",
      subnets: subnetsOf(nodesOf(topology, "proxy")),
      clients: [groups.of("proxy")],
      permissions: throughEc2(account, serviceAddress, roles.of("proxy")),
    });

    const fetching = [
      provisioning.pointer,
      network.s3,
      ...this.createSecretsEndpoint(topology, network, groups, roles),
    ];
    const keyPair = new KeyPair(this, "key-pair", {
      keyName: config.name,
      publicKey: terraformLiteral(config.access.sshPublicKey),
    });
    const instanceProps = (node: ClusterNode) => ({
      cluster: config.name,
      network,
      keyPair,
      node,
      role: roles.of(node.role),
      securityGroup: groups.of(node.role),
      userData: props.userData(node),
    });
    const bastion = new Bastion(this, "bastion", {
      ...instanceProps(bastionOf(topology)),
      bootsAfter: [...fetching, network.internetRoute],
      sourceDestCheck: config.network.egress !== "bastion",
    });
    const privateRoutes = this.createPrivateEgress(topology, network, bastion);
    const instances = topology.nodes
      .filter(({ role }) => role !== "bastion")
      .map((node) => {
        const routes = node.subnet.kind === "public" ? [network.internetRoute] : privateRoutes;
        return new ClusterInstance(this, node.name, { ...instanceProps(node), bootsAfter: [...fetching, ...routes] });
      });
    // after all proxies, because an instance waits for everything that its role has been granted before,
    // and one proxy must not wait for another
    for (const proxy of instances.filter(({ role }) => role === "proxy")) {
      const name = `${proxy.name}-service-address`;
      const policy = roles.of("proxy").grant(name, takeServiceAddress(account, serviceAddress, proxy));
      // operators type this name when they replace a proxy: -target=aws_iam_role_policy.proxy-2-service-address
      policy.overrideLogicalId(name);
    }

    new ClusterOutputs(this, "outputs", { topology, serviceAddress, bastion });
  }

  private configureProvider(config: ClusterConfig): void {
    new AwsProvider(this, "aws", { region: config.region, defaultTags: [{ tags: clusterTags(config) }] });
    this.addOverride("terraform.required_providers.aws.version", providerVersion);
  }

  /** Without internet access, secrets are all that a node needs besides the VPC and S3. */
  private createSecretsEndpoint(
    topology: Topology,
    network: Network,
    groups: ClusterSecurityGroups,
    roles: ClusterRoles,
  ): ITerraformDependable[] {
    if (topology.config.network.egress !== "none") return [];
    const readers = secretReadersOf(topology.config);
    const { endpoint } = new InterfaceEndpoint(this, "ssm", {
      network,
      service: "ssm",
      subnets: subnetsOf(nodesOf(topology, "registry")),
      clients: readers.map((role) => groups.of(role)),
      permissions: throughSsm(readers.map((role) => roles.of(role))),
    });
    return [endpoint];
  }

  private createPrivateEgress(topology: Topology, network: Network, bastion: Bastion): ITerraformDependable[] {
    switch (topology.config.network.egress) {
      case "bastion":
        return [new BastionEgress(this, "egress", { network, bastion }).route];
      case "nat-gateway":
        return [new NatGatewayEgress(this, "egress", { network, subnet: bastionOf(topology).subnet }).route];
      case "none":
        return [];
    }
  }
}
