import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";

/** One permission of a policy. */
export interface Permission {
  /** What it is for, in letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface NodeRoleProps {
  /** Unique in the account: IAM knows no regions. */
  readonly name: string;
}

/** What the instances of one kind may do on AWS: nothing, until granted. */
export class NodeRole extends Construct {
  readonly profile: IamInstanceProfile;
  private readonly role: IamRole;
  private readonly granted: IamRolePolicy[] = [];

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    this.role = new IamRole(this, "role", {
      name: props.name,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
      }),
    });
    this.profile = new IamInstanceProfile(this, "profile", { name: props.name, role: this.role.name });
  }

  /** What has been granted so far. */
  get policies(): readonly IamRolePolicy[] {
    return [...this.granted];
  }

  /** Adds an inline policy of that name. */
  grant(name: string, permissions: readonly Permission[]): void {
    const policy = new IamRolePolicy(this, name, {
      name,
      role: this.role.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: permissions.map(({ sid, actions, resources }) => ({
          Sid: sid,
          Effect: "Allow",
          Action: actions,
          Resource: resources,
        })),
      }),
    });
    this.granted.push(policy);
  }
}
