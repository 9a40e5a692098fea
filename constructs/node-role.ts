import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { type Permission, policyDocument, trustPolicy } from "./policy-document.ts";

export interface NodeRoleProps {
  /** Unique in the account, because IAM has no regions. */
  readonly name: string;
  /** ARN of the permissions boundary of the role. @default - none */
  readonly permissionsBoundary?: string;
}

/** What the instances of one role may do on AWS: nothing until it is granted. */
export class NodeRole extends Construct {
  readonly profile: IamInstanceProfile;
  private readonly role: IamRole;
  private readonly granted: { readonly policy: IamRolePolicy; readonly permissions: readonly Permission[] }[] = [];

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    this.role = new IamRole(this, "role", {
      name: props.name,
      assumeRolePolicy: trustPolicy("ec2.amazonaws.com"),
      permissionsBoundary: props.permissionsBoundary,
    });
    this.profile = new IamInstanceProfile(this, "profile", { name: props.name, role: this.role.name });
  }

  get arn(): string {
    return this.role.arn;
  }

  /** The policies of what has been granted so far. */
  get policies(): readonly IamRolePolicy[] {
    return this.granted.map(({ policy }) => policy);
  }

  /** What has been granted so far. */
  get permissions(): readonly Permission[] {
    return this.granted.flatMap(({ permissions }) => permissions);
  }

  /** Adds an inline policy. @returns it */
  grant(name: string, permissions: readonly Permission[]): IamRolePolicy {
    const policy = new IamRolePolicy(this, name, { name, role: this.role.id, policy: policyDocument(permissions) });
    this.granted.push({ policy, permissions });
    return policy;
  }
}
