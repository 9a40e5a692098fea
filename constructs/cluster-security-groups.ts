import { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import { ports } from "../topology/ports.ts";
import { type Role, roleEntry } from "../topology/roles.ts";
import type { Network } from "./network.ts";
import { addresses, connect, internet, SecurityGroup, s3Of, tcp, vrrp } from "./security-group.ts";

/** For Debian's package mirrors; no node of the cluster listens on it. */
const httpPort = 80;

export interface ClusterSecurityGroupsProps {
  readonly network: Network;
  readonly access: ClusterConfig["access"];
  readonly egress: ClusterConfig["network"]["egress"];
  /** The roles that have nodes. */
  readonly roles: readonly Role[];
}

/**
 * Who may connect to whom, all in one place, except for the clients of interface endpoints.
 * Security groups never filter AWS's own DNS, time and metadata services.
 */
export class ClusterSecurityGroups extends Construct {
  private readonly groups: ReadonlyMap<Role, SecurityGroup>;
  private readonly bastion: SecurityGroup;
  private readonly registries: SecurityGroup;
  private readonly proxies: SecurityGroup;

  constructor(scope: Construct, id: string, props: ClusterSecurityGroupsProps) {
    super(scope, id);
    const { network } = props;
    this.groups = new Map(props.roles.map((role) => [role, this.createGroup(role, network)]));
    this.bastion = this.of("bastion");
    this.registries = this.of("registry");
    this.proxies = this.of("proxy");

    this.allowClients(props.access);
    this.allowServing();
    if (this.groups.has("builder")) this.allowBuilding(this.of("builder"));
    this.allowOperation();
    if (props.egress === "none") this.allowOnlyS3(network);
    else this.allowInternet();
    if (props.egress === "bastion") this.allowForwarding();
  }

  /** @throws Error when there are no nodes of the role */
  of(role: Role): SecurityGroup {
    const group = this.groups.get(role);
    if (!group) throw new Error(`the security group of the role '${role}' should be planned before it is asked for`);
    return group;
  }

  private createGroup(role: Role, network: Network): SecurityGroup {
    const { section, groupDescription } = roleEntry(role);
    return new SecurityGroup(this, section, { network, description: groupDescription });
  }

  private allowClients({ clientCidrs, sshCidrs }: ClusterConfig["access"]): void {
    for (const client of clientCidrs.map(addresses)) {
      this.proxies.allowFrom(client, tcp(ports.https), "Registry clients");
    }
    for (const operator of sshCidrs.map(addresses)) {
      this.bastion.allowFrom(operator, tcp(ports.ssh), "Operators");
    }
  }

  private allowServing(): void {
    connect(this.proxies, this.proxies, tcp(ports.proxyL7), "Connections spread by the holder of the service address");
    connect(this.proxies, this.proxies, vrrp, "keepalived adverts");
    connect(this.proxies, this.proxies, tcp(ports.proxyMetrics), "Whether the other is master");
    connect(this.proxies, this.registries, tcp(ports.registry), "Registry API");
  }

  /** The builder connects to the proxies by their private addresses, regardless of the service address. */
  private allowBuilding(builder: SecurityGroup): void {
    connect(builder, this.proxies, tcp(ports.https), "Images that were built");
  }

  private allowOperation(): void {
    for (const group of this.all) {
      if (group !== this.bastion) connect(this.bastion, group, tcp(ports.ssh), "Operators through the bastion");
    }
    connect(this.bastion, this.registries, tcp(ports.registryMetrics), "Metrics of the registry");
    connect(this.bastion, this.proxies, tcp(ports.proxyMetrics), "Metrics of the proxy");
  }

  /** To any address, because neither package mirrors nor AWS's APIs have fixed ones, but only to two ports. */
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

  /** The bastion may already send to the internet. What is missing is that it accepts what private nodes send there. */
  private allowForwarding(): void {
    for (const [role, group] of this.groups) {
      if (roleEntry(role).subnets === "public") continue;
      this.bastion.allowFrom(group, tcp(ports.https), "Forwarded to the internet");
      this.bastion.allowFrom(group, tcp(httpPort), "Forwarded to the internet");
    }
  }

  private get all(): readonly SecurityGroup[] {
    return [...this.groups.values()];
  }
}
