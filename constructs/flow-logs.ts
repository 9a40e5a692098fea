import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import { iamRoleName } from "../topology/names.ts";
import type { Account } from "./account.ts";
import type { Network } from "./network.ts";
import { policyDocument, trustPolicy } from "./policy-document.ts";
import { skipChecks } from "./scanner-skip.ts";

/** An incident may be discovered months later, and keeping records for a year costs little compared with ingesting them. */
const retentionDays = 365;

/** AWS's names for the traffic that is recorded. */
const trafficTypes = { rejected: "REJECT", all: "ALL" } as const;

export interface FlowLogsProps {
  readonly network: Network;
  readonly account: Account;
  /** Which traffic of the network is recorded. */
  readonly traffic: ClusterConfig["network"]["flowLogs"];
  /** ARN of the permissions boundary of the service's role. @default - none */
  readonly permissionsBoundary?: string;
}

/** Records who tried to connect to whom in the network: addresses, ports and the verdict, never the content. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    const { network, traffic } = props;
    if (traffic === "none") {
      skipChecks(network.vpc, {
        CKV2_AWS_11: "The operator has chosen so: network.flowLogs is none. By default, what is rejected is recorded.",
      });
      return;
    }
    const logGroupName = `/registry-cluster/${network.name}/flow-logs`;
    const logGroup = this.createLogGroup(logGroupName);
    const role = this.createRole(props);
    new FlowLog(this, "flow-log", {
      vpcId: network.vpc.id,
      trafficType: trafficTypes[traffic],
      logDestination: logGroup.arn,
      iamRoleArn: role.arn,
      tags: { Name: network.name },
      dependsOn: [this.allowDelivery(role, props.account, logGroupName)],
    });
  }

  private createLogGroup(name: string): CloudwatchLogGroup {
    const logGroup = new CloudwatchLogGroup(this, "log-group", { name, retentionInDays: retentionDays });
    // renaming a construct must not delete the records
    logGroup.overrideLogicalId("flow_logs");
    skipChecks(logGroup, {
      CKV_AWS_158:
        "CloudWatch encrypts every log group with keys of its own. A key of the operator's would have to name the service " +
        "in its policy, which is not ours to change, and the records hold addresses and ports only.",
    });
    return logGroup;
  }

  private createRole({ network, account, permissionsBoundary }: FlowLogsProps): IamRole {
    return new IamRole(this, "role", {
      name: iamRoleName(network, "flow-logs"),
      // only for this account, so that nobody else's flow log can make the service write here
      assumeRolePolicy: trustPolicy("vpc-flow-logs.amazonaws.com", {
        StringEquals: { "aws:SourceAccount": account.id },
        ArnLike: { "aws:SourceArn": account.arn("ec2", "vpc-flow-log/*") },
      }),
      permissionsBoundary,
    });
  }

  /**
   * Only into this log group, with the actions that AWS says a flow log's role needs at least:
   * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
   */
  private allowDelivery(role: IamRole, account: Account, logGroupName: string): IamRolePolicy {
    const logGroupArn = account.arn("logs", `log-group:${logGroupName}`);
    return new IamRolePolicy(this, "delivery", {
      name: "delivery",
      role: role.id,
      policy: policyDocument([
        {
          sid: "WriteFlowLogs",
          actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          resources: [`${logGroupArn}:*`],
        },
        { sid: "MakeLogGroup", actions: ["logs:CreateLogGroup"], resources: [logGroupArn] },
        { sid: "FindLogGroup", actions: ["logs:DescribeLogGroups"], resources: ["*"] },
      ]),
    });
  }
}
