import { Instance } from "@cdktf/provider-aws/lib/instance";
import type { KeyPair } from "@cdktf/provider-aws/lib/key-pair";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { tagKeys } from "../config/derived-names.ts";
import type { Role } from "../topology/roles.ts";
import type { ClusterNode } from "../topology/topology.ts";
import type { Network } from "./network.ts";
import type { NodeRole } from "./node-role.ts";
import { skipChecks } from "./scanner-skip.ts";
import type { SecurityGroup } from "./security-group.ts";
import { roleTags, type Tags } from "./tags.ts";
import { terraformLiteral } from "./terraform-literal.ts";

export interface ClusterInstanceProps {
  readonly cluster: string;
  /** Tags of every resource. The provider gives its default tags to root volumes once, and never updates them there. */
  readonly clusterTags: Tags;
  readonly node: ClusterNode;
  readonly network: Network;
  readonly securityGroup: SecurityGroup;
  readonly role: NodeRole;
  readonly keyPair: KeyPair;
  /** Script of the first boot, exactly as cloud-init gets it. */
  readonly userData: string;
  /** What the first boot needs besides the role's permissions. The instance does not refer to it, so Terraform must be told. */
  readonly bootsAfter: readonly ITerraformDependable[];
  /**
   * Whether AWS drops packets that are neither from nor to the instance. Off for an instance that forwards packets.
   * @default true
   */
  readonly sourceDestCheck?: boolean;
}

/** One planned node as an EC2 instance. */
export class ClusterInstance extends Construct {
  /** The node's. */
  readonly name: string;
  /** The node's. */
  readonly role: Role;
  readonly instance: Instance;

  constructor(scope: Construct, id: string, props: ClusterInstanceProps) {
    super(scope, id);
    const { node } = props;
    this.name = node.name;
    this.role = node.role;
    const tags = { ...roleTags(props.cluster, node.name, node.role), [tagKeys.node]: node.name };
    this.instance = new Instance(this, "instance", {
      ami: node.ami,
      instanceType: node.instanceType,
      subnetId: props.network.subnet(node.subnet).id,
      privateIp: node.privateIp,
      vpcSecurityGroupIds: [props.securityGroup.id],
      sourceDestCheck: props.sourceDestCheck ?? true,
      iamInstanceProfile: props.role.profile.name,
      keyName: props.keyPair.keyName,
      userData: terraformLiteral(props.userData),
      // session tokens only; one hop, so that nothing behind a bridge on the node can use its role
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: {
        encrypted: true,
        volumeType: "gp3",
        volumeSize: node.rootVolumeGiB,
        tags: { ...props.clusterTags, ...tags },
      },
      tags,
      lifecycle: {
        ignoreChanges: [
          // runs on the first boot only, but a change would stop and start every node in one apply;
          // the bundle delivers changes instead
          "user_data",
          // never set: the subnet decides. AWS reports its current value, which follows the Elastic IP,
          // and a difference would replace the instance
          "associate_public_ip_address",
        ],
      },
      dependsOn: [...props.role.policies, ...props.bootsAfter],
    });
    // operators type this name: terraform apply -replace=aws_instance.proxy-1
    this.instance.overrideLogicalId(node.name);
    skipChecks(this.instance, {
      CKV_AWS_126:
        "Detailed monitoring costs about 2 USD a month and instance, and nothing here reads it: keepalived checks nginx " +
        "every second by itself. Basic monitoring, every five minutes, is free.",
      CKV_AWS_135:
        "Current types are EBS-optimized without being asked, at no cost; types that are not, such as t2, refuse the " +
        "setting. And to set it replaces an instance that runs.",
    });
  }
}
