import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { Construct } from "constructs";

export interface AccountProps {
  readonly region: string;
}

/** The AWS account that Terraform runs in. Builds ARNs of things outside the plan. */
export class Account extends Construct {
  private readonly partition: DataAwsPartition;
  private readonly caller: DataAwsCallerIdentity;
  private readonly region: string;

  constructor(scope: Construct, id: string, props: AccountProps) {
    super(scope, id);
    this.partition = new DataAwsPartition(this, "partition");
    this.partition.overrideLogicalId("current");
    this.caller = new DataAwsCallerIdentity(this, "caller");
    this.caller.overrideLogicalId("current");
    this.region = props.region;
  }

  /** The account's number. */
  get id(): string {
    return this.caller.accountId;
  }

  /** @returns the ARN of something in this account and region: `arn("ssm", "parameter/name")`. */
  arn(service: string, resource: string): string {
    return `arn:${this.partition.partition}:${service}:${this.region}:${this.id}:${resource}`;
  }
}
