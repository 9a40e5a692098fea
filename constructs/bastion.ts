import { Eip } from "@cdktf/provider-aws/lib/eip";
import { EipAssociation } from "@cdktf/provider-aws/lib/eip-association";
import type { Instance } from "@cdktf/provider-aws/lib/instance";
import { Construct } from "constructs";
import { ClusterInstance, type ClusterInstanceProps } from "./cluster-instance.ts";
import { roleTags } from "./tags.ts";

/** The entrance for SSH: an instance whose Elastic IP stays when the instance is replaced. */
export class Bastion extends Construct {
  readonly instance: Instance;
  readonly eip: Eip;

  constructor(scope: Construct, id: string, props: ClusterInstanceProps) {
    super(scope, id);
    this.instance = new ClusterInstance(this, props.node.name, props).instance;
    this.eip = new Eip(this, "eip", {
      domain: "vpc",
      tags: roleTags(props.cluster, props.node.name, props.node.role),
      dependsOn: [props.network.internetGateway],
    });
    // operators have the address in known_hosts and firewalls, so renaming a construct must not release it
    this.eip.overrideLogicalId("bastion_address");
    new EipAssociation(this, "eip-association", { instanceId: this.instance.id, allocationId: this.eip.allocationId });
  }
}
