import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { ClusterNode, Topology } from "../topology/topology.ts";
import type { Bastion } from "./bastion.ts";
import type { ServiceAddress } from "./service-address.ts";

/** The user for logins on every node. */
const sshUser = "admin";

export interface ClusterOutputsProps {
  readonly topology: Topology;
  readonly serviceAddress: ServiceAddress;
  readonly bastion: Bastion;
}

/** What an operator wants to know after a deploy. */
export class ClusterOutputs extends Construct {
  constructor(scope: Construct, id: string, { topology, serviceAddress, bastion }: ClusterOutputsProps) {
    super(scope, id);
    const { config, nodes } = topology;
    const bastionAddress = bastion.eip.publicIp;
    const way = (node: ClusterNode) =>
      node.role === "bastion"
        ? `ssh ${sshUser}@${bastionAddress}`
        : `ssh -J ${sshUser}@${bastionAddress} ${sshUser}@${node.privateIp}`;

    this.output("service_address", "Point the registry's DNS name here.", serviceAddress.eip.publicIp);
    this.output("registry_url", "Where clients reach the registry.", `https://${config.domainName}`);
    this.output("bastion_address", "The way in over SSH.", bastionAddress);
    this.output("ssh", "How to log in to each node.", Object.fromEntries(nodes.map((node) => [node.name, way(node)])));
    this.output(
      "private_addresses",
      "Address of each node within the VPC.",
      Object.fromEntries(nodes.map((node) => [node.name, node.privateIp])),
    );
    this.output("registry_bucket", "Where the registry keeps its images.", config.storage.bucket);
    this.output("provisioning_bucket", "From where nodes fetch their configuration.", topology.provisioningBucket);
  }

  /** Keeps the name exactly as given: scripts read it. */
  private output(name: string, description: string, value: unknown): void {
    new TerraformOutput(this, name, { description, value, staticId: true });
  }
}
