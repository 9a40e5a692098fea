import { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import { ports } from "../topology/ports.ts";
import type { Network } from "./network.ts";
import { addresses, connect, internet, type Peer, SecurityGroup, s3Of, tcp, vrrp } from "./security-group.ts";

/** Of Debian's package mirrors; no node of the cluster listens on it. */
const httpPort = 80;

export interface ClusterSecurityGroupsProps {
  readonly network: Network;
  readonly access: ClusterConfig["access"];
  readonly egress: ClusterConfig["network"]["egress"];
  readonly hasBuilder: boolean;
}

/**
 * Who may talk to whom, all of it in one place; only the clients of interface endpoints are added elsewhere.
 * Security groups never filter AWS's own DNS, time and metadata services.
 */
export class ClusterSecurityGroups extends Construct {
  readonly bastion: SecurityGroup;
  readonly registries: SecurityGroup;
  readonly proxies: SecurityGroup;
  readonly builder?: SecurityGroup;

  constructor(scope: Construct, id: string, props: ClusterSecurityGroupsProps) {
    super(scope, id);
    const { network } = props;
    this.bastion = new SecurityGroup(this, "bastion", { network, description: "Bastion of the registry cluster" });
    this.registries = new SecurityGroup(this, "registries", { network, description: "Registries of the cluster" });
    this.proxies = new SecurityGroup(this, "proxies", { network, description: "Proxies of the registry cluster" });
    if (props.hasBuilder) {
      this.builder = new SecurityGroup(this, "builder", { network, description: "Builder of images from git" });
      this.allowBuilding(this.builder);
    }

    this.allowClients(props.access);
    this.allowServing();
    this.allowOperation();
    if (props.egress === "none") this.allowOnlyS3(network);
    else this.allowInternet();
    if (props.egress === "bastion") this.allowForwarding();
  }

  private allowClients({ clientCidrs, sshCidrs }: ClusterConfig["access"]): void {
    for (const client of peers(clientCidrs)) {
      this.proxies.allowFrom(client, tcp(ports.https), "Registry clients");
    }
    for (const operator of peers(sshCidrs)) {
      this.bastion.allowFrom(operator, tcp(ports.ssh), "Operators");
    }
  }

  private allowServing(): void {
    connect(this.proxies, this.proxies, tcp(ports.proxyL7), "Connections spread by the holder of the service address");
    connect(this.proxies, this.proxies, vrrp, "keepalived adverts");
    connect(this.proxies, this.proxies, tcp(ports.proxyMetrics), "Whether the other is master");
    connect(this.proxies, this.registries, tcp(ports.registry), "Registry API");
  }

  /** Within the VPC, whoever has the service address: it finds the proxies by their own addresses. */
  private allowBuilding(builder: SecurityGroup): void {
    connect(builder, this.proxies, tcp(ports.https), "Images that were built");
    connect(this.bastion, builder, tcp(ports.ssh), "Operators through the bastion");
  }

  private allowOperation(): void {
    connect(this.bastion, this.registries, tcp(ports.ssh), "Operators through the bastion");
    connect(this.bastion, this.proxies, tcp(ports.ssh), "Operators through the bastion");
    connect(this.bastion, this.registries, tcp(ports.registryMetrics), "Metrics of the registry");
    connect(this.bastion, this.proxies, tcp(ports.proxyMetrics), "Metrics of the proxy");
  }

  /** To any address, because neither package mirrors nor AWS's APIs have fixed ones; to two ports only. */
  private allowInternet(): void {
    for (const group of this.all) {
      group.allowTo(internet, tcp(ports.https), "AWS APIs, S3 and packages");
      group.allowTo(internet, tcp(httpPort), "Debian packages, which are signed");
    }
  }

  private allowOnlyS3(network: Network): void {
    for (const group of this.all) {
      group.allowTo(s3Of(network), tcp(ports.https), "S3 through the gateway endpoint");
    }
  }

  /** Private nodes' packets to the internet arrive at the bastion with the internet's addresses: the way in is all they lack. */
  private allowForwarding(): void {
    for (const group of [this.registries, ...(this.builder ? [this.builder] : [])]) {
      this.bastion.allowFrom(group, tcp(ports.https), "Forwarded to the internet");
      this.bastion.allowFrom(group, tcp(httpPort), "Forwarded to the internet");
    }
  }

  private get all(): readonly SecurityGroup[] {
    return [this.bastion, this.registries, this.proxies, ...(this.builder ? [this.builder] : [])];
  }
}

/** AWS refuses the same rule twice. */
function peers(cidrs: readonly string[]): Peer[] {
  return [...new Set(cidrs)].map(addresses);
}
